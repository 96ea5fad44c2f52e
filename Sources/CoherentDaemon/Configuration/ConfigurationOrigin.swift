// Where a value comes from: the table's default, or a line of a file. It is kept beside every value
// so that nobody has to search which of several files won.

package enum ConfigurationOrigin: Equatable, Sendable, CustomStringConvertible {
  case builtIn
  case file(path: String, line: Int)

  package var description: String {
    switch self {
    case .builtIn: "default"
    case .file(let path, let line):
      "\(ConfigurationProblem.printable(path, maximumScalars: .max)):\(line)"
    }
  }
}

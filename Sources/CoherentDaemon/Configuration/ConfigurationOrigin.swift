// Where a value comes from: the table's default, a line of a file, or data that outlived a daemon.
// It is kept beside every value so that nobody has to search which of several files won.

package enum ConfigurationOrigin: Equatable, Sendable, CustomStringConvertible {
  case builtIn
  case file(path: String, line: Int)
  /// What is kept was made with it.
  case kept

  package var description: String {
    switch self {
    case .builtIn: "default"
    case .kept: "kept from the daemon before, until a clean start"
    case .file(let path, let line):
      "\(ConfigurationProblem.printable(path, maximumScalars: .max)):\(line)"
    }
  }
}

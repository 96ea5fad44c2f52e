// One thing that is wrong in the configuration: where, what was found, and what was expected. It
// is text for people and goes to a terminal or the journal, so nothing that comes from a file may
// reach it unescaped or at unbounded length.

package struct ConfigurationProblem: Equatable, Sendable, CustomStringConvertible {
  package let path: String
  /// Counted from 1; nil where the whole file is meant.
  package let line: Int?
  /// What was found, "[Region] FrameSize=63K"; empty where there is nothing to quote.
  package let found: String
  /// The rest of the sentence: "expected a power of two from 4K to 2M".
  package let sentence: String

  package init(path: String, line: Int?, found: String = "", sentence: String) {
    self.path = Self.printable(path, maximumScalars: .max)
    self.line = line
    self.found = Self.printable(found)
    self.sentence = sentence
  }

  /// The same problem, with the condition under which it is one.
  func adding(_ condition: String) -> ConfigurationProblem {
    ConfigurationProblem(
      path: path, line: line, found: found, sentence: "\(sentence), \(condition)")
  }

  package var description: String {
    let place = line.map { "\(path):\($0)" } ?? path
    return found.isEmpty ? "\(place): \(sentence)" : "\(place): \(found): \(sentence)"
  }

  /// A quotation is cut after so many characters.
  package static let maximumQuotedScalars = 160

  /// The text with everything escaped that could move a cursor or break a line, and not too long.
  package static func printable(
    _ text: String, maximumScalars: Int = maximumQuotedScalars
  ) -> String {
    var result = ""
    for (index, scalar) in text.unicodeScalars.enumerated() {
      guard index < maximumScalars else { return result + "…" }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
        .unassigned:
        result += scalar.escaped(asASCII: true)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

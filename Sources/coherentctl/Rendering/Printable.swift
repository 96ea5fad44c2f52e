// Text that somebody else chose (a process's name, a unit's) as it may be shown on a terminal: what
// would steer the terminal is replaced.

enum Printable {
  static func text(_ foreign: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in foreign.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
        .unassigned:
        result.append("?")
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}

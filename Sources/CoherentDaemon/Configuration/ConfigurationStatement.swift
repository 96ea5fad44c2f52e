// One statement of a configuration file: a section's header or an assignment, with the line on
// which it begins. It says nothing about whether such a section or key exists.

struct ConfigurationStatement: Equatable {
  enum Content: Equatable {
    case section(String)
    /// The name and the value, blanks around both removed; an empty value resets to the default.
    case assignment(name: String, value: String)
  }

  let line: Int
  let content: Content
}

// One row of the table of settings: everything that there is to say about one key. The parser, the
// checker, the sample file and the control interface all read it here.

package struct ConfigurationRow: Sendable {
  package let key: ConfigurationKey
  /// The section's name, without brackets.
  package let section: String
  /// The name in front of the equals sign.
  package let name: String
  package let kind: ConfigurationKind
  package let defaultValue: ConfigurationValue
  /// What the value counts: "bytes", "time", "sessions".
  package let unit: String
  /// Whether a reload applies it; if not, a changed value waits for the next start.
  package let canReload: Bool
  /// What the key does, in a sentence or a few, for people.
  package let sentence: String

  package init(
    _ key: ConfigurationKey, _ section: String, _ name: String, _ kind: ConfigurationKind,
    default defaultValue: ConfigurationValue, unit: String, canReload: Bool = true,
    _ sentence: String
  ) {
    self.key = key
    self.section = section
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.unit = unit
    self.canReload = canReload
    self.sentence = sentence
  }
}

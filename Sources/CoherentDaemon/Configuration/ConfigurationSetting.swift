// One setting in effect: its key, its value and where that comes from. A setting whose last
// assignment was refused is marked unsound: it still has a value, but nothing may be concluded
// from it, so that one mistake is reported once.

package struct ConfigurationSetting: Equatable, Sendable {
  package let key: ConfigurationKey
  package private(set) var value: ConfigurationValue
  package private(set) var origin: ConfigurationOrigin = .builtIn
  private(set) var isSound = true

  /// The setting as it is before any file was read.
  init(_ key: ConfigurationKey) {
    self.key = key
    value = key.row.defaultValue
  }

  mutating func assign(_ value: ConfigurationValue, from origin: ConfigurationOrigin) {
    self.value = value
    self.origin = origin
    isSound = true
  }

  mutating func reset() { self = ConfigurationSetting(key) }

  mutating func markUnsound() { isSound = false }

  /// The setting as a line of a configuration file.
  package var assignment: String { "\(key.row.name)=\(value.render())" }

  /// The setting with its section, as messages quote it: "[Region] Blocks=8".
  package var quotation: String { "[\(key.row.section)] \(assignment)" }
}

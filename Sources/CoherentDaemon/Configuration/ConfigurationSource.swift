// One configuration file that has been read: its path, for messages, and its bytes. The text may
// hold anything; nothing about it has been checked.

package struct ConfigurationSource: Sendable {
  /// Files that are longer are refused; a real one has a few kilobytes.
  package static let maximumBytes = 1 << 20

  package let path: String
  package let bytes: [UInt8]

  package init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }
}

// The sizes that bound every packet. Both sides reserve their buffers from these once, so that no
// packet, however hostile, makes anybody allocate.

package enum PacketLimits {
  /// Kind, flags, length and request number.
  package static let headerBytes = 16
  /// No packet is longer. The longest that exists is a `queried` with every run in use.
  package static let maximumBytes = 4096
  /// No packet carries more descriptors.
  package static let maximumDescriptors = 3
}

// The versions of the protocol. The layouts of `hello` and of the refusal never change, so that any
// two versions can at least tell each other that they do not understand one another.

package enum ProtocolVersion {
  /// The only version so far, and the one this code speaks.
  package static let current: UInt16 = 1

  /// The first eight bytes of the body of `hello`: "coherent", read as a little-endian number.
  package static let magic: UInt64 = 0x746E_6572_6568_6F63

  /// The version to speak with a client that speaks the given range, nil if there is none.
  package static func common(lowest: UInt16, highest: UInt16) -> UInt16? {
    lowest <= current && current <= highest ? current : nil
  }
}

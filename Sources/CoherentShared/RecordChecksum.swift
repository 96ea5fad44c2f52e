// What tells a record that was written whole from one that was not, or that somebody else wrote.
// It guards against accidents: whoever writes a record on purpose can make its checksum as well, so
// what was read is still input.

/// The 32-bit FNV-1a hash of Fowler, Noll and Vo, over words from their lowest byte up.
struct RecordChecksum {
  private(set) var value: UInt32 = 0x811c_9dc5

  /// The checksum of words, in their order.
  static func of(_ words: [UInt64]) -> UInt32 {
    var checksum = RecordChecksum()
    for word in words { checksum.add(word) }
    return checksum.value
  }

  mutating func add(_ word: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      value = (value ^ UInt32(truncatingIfNeeded: word >> shift & 0xff)) &* 0x0100_0193
    }
  }

  /// All of its bits in half the room.
  var folded: UInt16 { UInt16(truncatingIfNeeded: value ^ value >> 16) }
}

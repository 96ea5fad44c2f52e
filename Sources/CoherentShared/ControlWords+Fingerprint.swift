// The number by which the two sides know that they read the same bits in the same way.

extension ControlWords {
  /// Made of every number in the pictures of `ControlWord` and `ControlWords`, so that a layout
  /// which changes cannot keep it. Bump `meaning` when only the meaning of a field changes.
  package static let fingerprint: UInt64 = {
    let meaning: UInt64 = 1
    let numbers: [UInt64] = [
      meaning, UInt64(headerBytes), UInt64(MemoryLayout<UInt64>.stride), ControlWord.countMask,
      ControlWord.residentBit, ControlWord.evictingBit, ControlWord.revokedBit,
      ControlWord.revocationsShift, UInt64(ControlWord.revocationsMask), ControlWord.epochShift,
      UInt64(ControlWord.maximumCount),
    ]
    return hash(numbers)
  }()

  /// The FNV-1a hash of Fowler, Noll and Vo, over the bytes from the lowest up.
  private static func hash(_ numbers: [UInt64]) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for number in numbers {
      for shift in stride(from: UInt64(0), to: 64, by: 8) {
        hash = (hash ^ (number >> shift & 0xff)) &* 0x100_0000_01b3
      }
    }
    return hash
  }
}

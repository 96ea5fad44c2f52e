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
    return Fingerprint.of(numbers)
  }()
}

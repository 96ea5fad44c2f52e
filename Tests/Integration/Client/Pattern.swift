// Contents that tell for each word which buffer it belongs to, where it lies and which writing of
// the buffer it comes from, so that a byte from anywhere else is noticed.

struct Pattern {
  let seed: UInt64

  /// SplitMix64's finalizer over the word's place; never 0, which is what memory starts with.
  func word(_ index: Int) -> UInt64 {
    var value = seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(index)
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return (value ^ (value >> 31)) | 1
  }

  func fill(_ bytes: UnsafeMutableRawBufferPointer, _ words: Range<Int>) {
    for index in words {
      bytes.storeBytes(of: word(index), toByteOffset: index * 8, as: UInt64.self)
    }
  }

  /// The first word that is wrong, as a sentence; nil if all are right.
  func fault(in bytes: UnsafeMutableRawBufferPointer, _ words: Range<Int>) -> String? {
    for index in words {
      let found = bytes.load(fromByteOffset: index * 8, as: UInt64.self)
      if found != word(index) {
        return "wrong word \(index): \(found) instead of \(word(index))"
      }
    }
    return nil
  }
}

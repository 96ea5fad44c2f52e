// The number by which the two sides of a shared memory know that they read the same bits in the
// same way: a hash of every number in the pictures of its layout.

enum Fingerprint {
  /// The 64-bit FNV-1a hash of Fowler, Noll and Vo, over the bytes from the lowest up.
  static func of(_ numbers: [UInt64]) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for number in numbers {
      for shift in stride(from: UInt64(0), to: 64, by: 8) {
        hash = (hash ^ (number >> shift & 0xff)) &* 0x100_0000_01b3
      }
    }
    return hash
  }
}

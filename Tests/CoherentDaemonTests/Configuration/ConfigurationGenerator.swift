// The random numbers of the configuration's property tests: SplitMix64 (Steele, Lea, Flood 2014)
// from a seed that is printed, so that a failure can be repeated with COHERENTD_SEED.

import Foundation

struct ConfigurationGenerator: RandomNumberGenerator {
  let seed: UInt64
  private var state: UInt64

  init(seed: UInt64) {
    self.seed = seed
    state = seed
  }

  /// Takes the seed from COHERENTD_SEED, or a new one; prints it either way.
  static func fromEnvironment(for test: String) -> ConfigurationGenerator {
    let given = ProcessInfo.processInfo.environment["COHERENTD_SEED"].flatMap { UInt64($0) }
    let generator = ConfigurationGenerator(seed: given ?? UInt64.random(in: 0...UInt64.max))
    print("\(test): COHERENTD_SEED=\(generator.seed)")
    return generator
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}

// Reproducible random numbers: xorshift64*, Vigna 2016.

struct RandomNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: Int) { state = Pattern(seed: UInt64(truncatingIfNeeded: seed)).word(0) }

  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 2_685_821_657_736_338_717
  }

  /// Fast and slightly uneven, which is no harm here.
  mutating func below(_ limit: Int) -> Int { Int(next() >> 33) % limit }
}

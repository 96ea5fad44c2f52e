// What a finding is to reach, as the project promised it.

enum Target: Equatable, Sendable {
  /// `noise` is what two runs of one loop differ by on a quiet machine.
  case ratioAtMost(Double, noise: Double = 0)
  case ratioAtLeast(Double)
  case valueAtMost(Double)
  /// So much more than the floor.
  case excessAtMost(Double)
  case bothAtMost(ratio: Double, value: Double)
}

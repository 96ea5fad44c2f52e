// The core's instants by the clock of the wall, as they are shown. Both clocks are read at one
// moment; what the wall's clock was set to earlier is not known, nor for how long the machine slept.

import CoherentCore
import CoherentSystem

struct WallTime {
  private let monotonicNanoseconds: UInt64
  private let wallNanoseconds: UInt64

  init(monotonicNanoseconds: UInt64, wallNanoseconds: UInt64) {
    self.monotonicNanoseconds = monotonicNanoseconds
    self.wallNanoseconds = wallNanoseconds
  }

  static var now: WallTime {
    WallTime(
      monotonicNanoseconds: Clock.monotonicNanoseconds(),
      wallNanoseconds: Clock.wallNanoseconds())
  }

  /// Since 1970; 0 for what would be before.
  func microseconds(_ instant: Instant) -> UInt64 {
    let age = ageNanoseconds(of: instant)
    return age > wallNanoseconds ? 0 : (wallNanoseconds - age) / 1000
  }

  /// How long ago it was, as text.
  func age(of instant: Instant) -> String {
    let milliseconds = ageNanoseconds(of: instant) / 1_000_000
    switch milliseconds {
    case ..<10_000: return "\(milliseconds) ms"
    case ..<600_000: return "\(milliseconds / 1000) s"
    default: return "\(milliseconds / 60_000) min"
    }
  }

  private func ageNanoseconds(of instant: Instant) -> UInt64 {
    monotonicNanoseconds > instant.nanoseconds ? monotonicNanoseconds - instant.nanoseconds : 0
  }
}

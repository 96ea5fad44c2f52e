// The loops that are measured by `pin`: so many pins and their ends between two looks at the clock,
// since a look costs as much as a pin does. Each loop answers how often it went otherwise than it
// should.

import Coherent

enum PinBatch {
  /// A look at the clock, about 25 ns, is less than half a nanosecond for each.
  static let pairs = 64

  /// By the closure form.
  @inline(never)
  static func scoped(_ buffer: Buffer, _ lease: Duration) -> Int {
    var held = 0
    for _ in 0..<pairs {
      guard let outcome = try? buffer.withPin(lease: lease, { bytes in bytes.count }) else {
        return pairs
      }
      held &+= outcome.leaseHeld && outcome.value == buffer.count ? 1 : 0
    }
    return pairs - held
  }

  /// By a `Pin` that is released.
  @inline(never)
  static func released(_ buffer: Buffer, _ lease: Duration) -> Int {
    var held = 0
    do throws(CoherentError) {
      for _ in 0..<pairs {
        let pin = try buffer.pin(lease: lease)
        try pin.release()
        held &+= 1
      }
    } catch {
      return pairs - held
    }
    return 0
  }
}

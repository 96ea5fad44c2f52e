// The one clock that deadlines are counted on. It never goes back, and it does not count the time
// in which the machine slept.

import Glibc

/// The monotonic clock: clock_gettime(2), CLOCK_MONOTONIC.
package enum Clock {
  /// Nanoseconds since an arbitrary start of this machine; the same for every process on it.
  package static func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    let result = clock_gettime(CLOCK_MONOTONIC, &time)
    invariant(result == 0, "the monotonic clock exists")
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

// The one clock that deadlines are counted on. It never goes back, and it does not count the time
// in which the machine slept. The clock of the wall is for showing people when something was.

import Glibc

/// clock_gettime(2).
package enum Clock {
  /// Nanoseconds since an arbitrary start of this machine; the same for every process on it:
  /// CLOCK_MONOTONIC.
  package static func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    let result = clock_gettime(CLOCK_MONOTONIC, &time)
    invariant(result == 0, "the monotonic clock exists")
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// Nanoseconds since 1970, as far as the machine knows: CLOCK_REALTIME.
  package static func wallNanoseconds() -> UInt64 {
    var time = timespec()
    let result = clock_gettime(CLOCK_REALTIME, &time)
    invariant(result == 0, "the clock of the wall exists")
    return UInt64(max(time.tv_sec, 0)) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

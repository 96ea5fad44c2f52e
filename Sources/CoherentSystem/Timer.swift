// A deadline that an epoll loop hears. One at a time: arming again replaces it.

import CLinux
import Glibc

/// An owned timerfd on the monotonic clock: timerfd_create(2), non-blocking.
package struct Timer: ~Copyable, Sendable {
  package let descriptor: Descriptor

  /// The number, to wait on: readable once the deadline has passed.
  package var raw: CInt { descriptor.raw }

  package init() throws(SystemError) {
    descriptor = Descriptor(
      owning: try checked("timerfd_create") {
        timerfd_create(CLOCK_MONOTONIC, CInt(TFD_CLOEXEC) | CInt(TFD_NONBLOCK))
      })
  }

  /// Sets the deadline, as `Clock.monotonicNanoseconds` counts, or none: timerfd_settime(2). One
  /// that has passed is reported at once.
  package borrowing func arm(atNanoseconds deadline: UInt64?) {
    // A zero time would disarm, and what exceeds the kernel's seconds is never reached either.
    let nanoseconds = deadline.map { min(max($0, 1), UInt64(Int64.max)) } ?? 0
    var setting = itimerspec()
    setting.it_value.tv_sec = Int(nanoseconds / 1_000_000_000)
    setting.it_value.tv_nsec = Int(nanoseconds % 1_000_000_000)
    let result = timerfd_settime(raw, CInt(TFD_TIMER_ABSTIME), &setting, nil)
    invariant(result == 0, "a timer takes any valid time")
  }

  /// Whether the deadline has passed since the last time: read(2).
  @discardableResult
  package borrowing func drain() -> Bool {
    var expirations: UInt64 = 0
    let result = retryingInterrupts { read(raw, &expirations, MemoryLayout<UInt64>.size) }
    invariant(result >= 0 || errno == EAGAIN, "a timer can be read")
    return result > 0
  }
}

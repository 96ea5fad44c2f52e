// A bell between threads that an epoll loop hears. Many rings before it is drained are one.

import CLinux
import Glibc

/// An owned eventfd(2), non-blocking.
package struct EventCounter: ~Copyable, Sendable {
  package let descriptor: Descriptor

  /// The number, to wait on: readable while there is something to drain.
  package var raw: CInt { descriptor.raw }

  package init() throws(SystemError) {
    descriptor = Descriptor(
      owning: try checked("eventfd") { eventfd(0, CInt(EFD_CLOEXEC) | CInt(EFD_NONBLOCK)) })
  }

  /// Rings: write(2). From any thread. A counter that is full has been rung.
  package borrowing func signal() {
    var one: UInt64 = 1
    let result = retryingInterrupts { write(raw, &one, MemoryLayout<UInt64>.size) }
    invariant(result >= 0 || errno == EAGAIN, "an eventfd takes a count")
  }

  /// How often it was rung since the last time, and 0 from now on: read(2).
  @discardableResult
  package borrowing func drain() -> UInt64 {
    var count: UInt64 = 0
    let result = retryingInterrupts { read(raw, &count, MemoryLayout<UInt64>.size) }
    if result < 0 {
      invariant(errno == EAGAIN, "an eventfd gives its count")
      return 0
    }
    return count
  }
}

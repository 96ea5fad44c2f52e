// Waiting for one descriptor with a bound. For clients, tests and tools; the daemon waits in its
// epoll loop only.

import Glibc

/// The state of one descriptor, as poll(2) sees it.
package enum Readiness {
  /// Waits until `raw` can be read, has ended or has failed: poll(2). Negative waits for ever.
  package static func waitReadable(_ raw: CInt, timeoutMilliseconds: Int32) -> Bool {
    wait(raw, events: CInt(POLLIN), timeoutMilliseconds: timeoutMilliseconds)
  }

  /// Whether the other side has hung up, or there is an error to be told: poll(2) for nothing. What
  /// can still be read does not matter.
  package static func hasEnded(_ raw: CInt) -> Bool { wait(raw, events: 0, timeoutMilliseconds: 0) }

  /// Waits until the other end of a socket has hung up, or this one has shut it down: poll(2).
  /// Packets that come do not wake it.
  package static func waitHungUp(_ raw: CInt) {
    _ = wait(raw, events: 0, timeoutMilliseconds: -1)
  }

  /// A signal does not lengthen the wait: the rest of the time is counted from the clock.
  static func wait(_ raw: CInt, events: CInt, timeoutMilliseconds: Int32) -> Bool {
    let bound = UInt64(max(timeoutMilliseconds, 0)) * 1_000_000
    let deadline = Clock.monotonicNanoseconds() + bound
    var remaining = timeoutMilliseconds
    while true {
      var request = pollfd(fd: raw, events: Int16(events), revents: 0)
      let result = poll(&request, 1, remaining)
      if result > 0 {
        invariant(CInt(request.revents) & CInt(POLLNVAL) == 0, "an open descriptor is polled")
        return true
      }
      if result == 0 { return false }
      invariant(errno == EINTR, "poll of one descriptor fails only by a signal")
      if timeoutMilliseconds >= 0 {
        let now = Clock.monotonicNanoseconds()
        remaining = now >= deadline ? 0 : Int32((deadline - now + 999_999) / 1_000_000)
      }
    }
  }
}

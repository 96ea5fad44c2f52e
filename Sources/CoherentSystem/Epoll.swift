// The daemon's one place to wait. It borrows the descriptors that are added: their owner removes
// them before it closes them. A token says whose descriptor is ready; the caller puts a generation
// into it, so that an event for a descriptor that was closed in the same round is recognised.

import CLinux
import Glibc

/// An owned epoll instance: epoll(7).
package struct Epoll: ~Copyable, Sendable {
  package let descriptor: Descriptor

  /// One descriptor that is ready.
  package struct Ready: Equatable, Sendable {
    package var token: UInt64 = 0
    package var readable = false
    package var writable = false
    /// The peer is gone (EPOLLHUP). What it sent before may still be readable: drain first.
    package var hangUp = false
    /// EPOLLERR. For a userfaultfd: its owner made it blocking. It is then never `readable`, and
    /// `readFaults` works on it all the same.
    package var failed = false

    package init() {}
  }

  /// The most descriptors that one wait reports.
  package static let maximumReady = 256

  /// epoll_create1(2), close-on-exec.
  package init() throws(SystemError) {
    descriptor = Descriptor(
      owning: try checked("epoll_create1") { epoll_create1(CInt(EPOLL_CLOEXEC)) })
  }

  /// Watches a descriptor: epoll_ctl(2), EPOLL_CTL_ADD. A hang-up is reported in any case.
  package borrowing func add(
    _ raw: CInt, readable: Bool, writable: Bool = false, edge: Bool = false, token: UInt64
  ) throws(SystemError) {
    try control(EPOLL_CTL_ADD, raw, Self.events(readable, writable, edge), token)
  }

  /// Changes what is watched: EPOLL_CTL_MOD.
  package borrowing func modify(
    _ raw: CInt, readable: Bool, writable: Bool = false, edge: Bool = false, token: UInt64
  ) throws(SystemError) {
    try control(EPOLL_CTL_MOD, raw, Self.events(readable, writable, edge), token)
  }

  /// Stops watching: EPOLL_CTL_DEL. The descriptor must be watched.
  package borrowing func remove(_ raw: CInt) throws(SystemError) {
    try control(EPOLL_CTL_DEL, raw, 0, 0)
  }

  /// Waits until something is ready or the time has run out, and fills the start of the buffer with
  /// at most its count and `maximumReady`: epoll_wait(2). Negative waits for ever. 0 when the time
  /// ran out or a signal came.
  package borrowing func wait(
    into ready: UnsafeMutableBufferPointer<Ready>, timeoutMilliseconds: Int32
  ) -> Int {
    let capacity = min(ready.count, Self.maximumReady)
    return withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: capacity) { events in
      let count = epoll_wait(
        descriptor.raw, events.baseAddress, CInt(capacity), timeoutMilliseconds)
      if count < 0 {
        invariant(errno == EINTR, "an epoll instance waits into its own buffer")
        return 0
      }
      for index in 0..<Int(count) {
        ready.initializeElement(at: index, to: Ready(events[index]))
      }
      return Int(count)
    }
  }

  private borrowing func control(
    _ operation: CInt, _ raw: CInt, _ events: UInt32, _ token: UInt64
  ) throws(SystemError) {
    var event = epoll_event(events: events, data: epoll_data_t(u64: token))
    let number = descriptor.raw
    try checked("epoll_ctl", "\(operation) of descriptor \(raw)") {
      epoll_ctl(number, operation, raw, &event)
    }
  }

  private static func events(_ readable: Bool, _ writable: Bool, _ edge: Bool) -> UInt32 {
    var events: UInt32 = 0
    if readable { events |= EPOLLIN.rawValue }
    if writable { events |= EPOLLOUT.rawValue }
    if edge { events |= EPOLLET.rawValue }
    return events
  }
}

extension Epoll.Ready {
  fileprivate init(_ event: epoll_event) {
    token = event.data.u64
    readable = event.events & EPOLLIN.rawValue != 0
    writable = event.events & EPOLLOUT.rawValue != 0
    hangUp = event.events & (EPOLLHUP.rawValue | EPOLLRDHUP.rawValue) != 0
    failed = event.events & EPOLLERR.rawValue != 0
  }
}

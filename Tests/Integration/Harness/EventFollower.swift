// Follows a daemon's events on a connection and a thread of its own, until it is stopped.

import CoherentControl
import CoherentSystem
import Glibc
import Synchronization

final class EventFollower: @unchecked Sendable {
  private struct Seen {
    var events: [EventReport] = []
    var dropped: UInt64 = 0
    var trouble: String?
  }

  // SAFETY: constants, an atomic, a mutex, and a thread that its owner joins.
  private let isStopping = Atomic<Bool>(false)
  private let seen = Mutex(Seen())
  private var thread: Thread?

  /// From the first event that is remembered on.
  init(_ daemon: TestDaemon) throws {
    let path = daemon.controlPath
    thread = try Thread.start(name: "follower", stackBytes: 1 << 20) { [unowned self] in
      do throws(ControlFailure) {
        var control = try ControlClient(path: path, answerMilliseconds: 60_000)
        try control.events(EventsQuery(follow: true), waiting: waitReadable) { answer in
          seen.withLock {
            $0.events += answer.events
            $0.dropped += answer.dropped
          }
        }
      } catch {
        seen.withLock { $0.trouble = "\(error)" }
      }
    }
  }

  /// Until there is something to read; false once it is to stop.
  private func waitReadable(_ descriptor: CInt) -> Bool {
    while !isStopping.load(ordering: .relaxed) {
      var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      if poll(&ready, 1, 20) > 0 { return true }
    }
    return false
  }

  var events: [EventReport] { seen.withLock { $0.events } }
  var dropped: UInt64 { seen.withLock { $0.dropped } }

  /// Ends it; what went wrong.
  func stop() -> String? {
    isStopping.store(true, ordering: .relaxed)
    thread?.join()
    thread = nil
    return seen.withLock { $0.trouble }
  }

  deinit { invariant(thread == nil, "a follower is stopped before it is forgotten") }
}

// A thread that is cancelled in a call of the library (pthread_cancel(3)) takes nothing with it
// that the others need: the call ends first.

import Coherent
import CoherentSystem
import CoherentWire
import Glibc
import Synchronization
import Testing

@Suite struct CancellationTests {
  /// Runs `body` on a thread of its own and cancels it as soon as the daemon has what it asked.
  private final class Victim: Sendable {
    private let handle = Mutex<pthread_t?>(nil)
    private let thread: Thread

    init(_ body: @escaping @Sendable () -> Void) throws {
      let gate = Gate()
      let own = Mutex<pthread_t?>(nil)
      let box = Box(own)
      thread = try Thread.start(name: "victim") {
        box.own.withLock { $0 = pthread_self() }
        gate.open()
        body()
      }
      gate.wait()
      handle.withLock { $0 = box.own.withLock { $0 } }
    }

    func cancel() { _ = pthread_cancel(handle.withLock { $0! }) }

    func join() { thread.join() }
  }

  private final class Box: Sendable {
    let own: Mutex<pthread_t?>
    init(_ own: consuming Mutex<pthread_t?>) { self.own = own }
  }

  @Test func othersGoOnAfterAThreadIsCancelledInACall() throws {
    let asked = Gate()
    let cancelled = Gate()
    try FakeSession.run { daemon in
      guard let first = daemon.next() else { return }
      asked.open()
      cancelled.wait()
      daemon.send(.statistics(StatisticsAnswer()), to: first.id)
      guard let second = daemon.next() else { return }
      daemon.send(.statistics(StatisticsAnswer()), to: second.id)
    } client: { client in
      let finished = Gate()
      let victim = try Victim {
        _ = try? client.statistics()
        finished.open()
      }
      asked.wait()
      victim.cancel()
      cancelled.open()
      finished.wait()
      victim.join()
      _ = try client.statistics()
    }
  }

  @Test func othersHearOfEventsAfterAThreadIsCancelledWaitingForOne() throws {
    let cancelled = Gate()
    try FakeSession.run { daemon in
      cancelled.wait()
      guard let request = daemon.next() else { return }
      daemon.send(.statistics(StatisticsAnswer()), to: request.id)
    } client: { client in
      let finished = Gate()
      let victim = try Victim {
        _ = try? client.nextEvent(timeout: .milliseconds(300))
        finished.open()
      }
      victim.cancel()
      cancelled.open()
      _ = try client.statistics()
      finished.wait()
      victim.join()
    }
  }
}

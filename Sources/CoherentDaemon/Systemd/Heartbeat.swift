// The sign of life of one thread: what it is at, and how many things it has finished. The thread
// itself writes it, the control loop reads it; two plain stores, so that it can be kept up in the
// middle of a page fault. Nothing depends on the order in which the two are seen.

import Synchronization

final class Heartbeat: Sendable {
  enum Activity: UInt8 {
    /// It waits for work.
    case resting
    case working
    /// It is inside a call that takes a lock of the client's address space. How long that lasts is
    /// up to the client, and has a bound of its own: FaultTimeout ends the client's session.
    case amongClient
  }

  let thread: String
  private let finished = Atomic<UInt64>(0)
  private let state = Atomic<UInt8>(Activity.resting.rawValue)

  init(thread: String) { self.thread = thread }

  // MARK: the thread

  /// It begins to work.
  func work() { state.store(Activity.working.rawValue, ordering: .relaxed) }

  /// It has finished one of many things.
  func beat() { finished.add(1, ordering: .relaxed) }

  /// It has nothing to do.
  func rest() {
    beat()
    state.store(Activity.resting.rawValue, ordering: .relaxed)
  }

  /// Does something among the locks of a client's address space.
  func amongClient<Result>(_ body: () -> Result) -> Result {
    state.store(Activity.amongClient.rawValue, ordering: .relaxed)
    defer { state.store(Activity.working.rawValue, ordering: .relaxed) }
    return body()
  }

  // MARK: who watches

  var beats: UInt64 { finished.load(ordering: .relaxed) }
  var activity: Activity { Activity(rawValue: state.load(ordering: .relaxed)) ?? .working }
}

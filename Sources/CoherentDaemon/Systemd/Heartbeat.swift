// The sign of life of one thread: what it is at, and how many things it has finished. The thread
// itself writes it, the control loop reads it; plain stores, so that it can be kept up in the
// middle of a page fault.
//
// A thread of a session says here when it begins a call that its client can hold up, on the
// address space or on the memory file of that client. How long such a call lasts is up to the
// client, so it has a bound of its own, and is no matter of the watchdog. What may never happen:
// that a thread begins one after it was told to halt.

import CoherentSystem
import Synchronization

final class Heartbeat: Sendable {
  enum Activity: UInt8 {
    /// It waits for work.
    case resting
    case working
    /// It is inside a call that takes a lock which a client can hold: of its address space, or of
    /// its memory file. FaultTimeout ends the client's session.
    case amongClient
  }

  let thread: String
  private let finished = Atomic<UInt64>(0)
  private let state = Atomic<UInt8>(Activity.resting.rawValue)
  /// When the call among the client began that it is in, 0 while it is in none.
  private let callSince = Atomic<UInt64>(0)
  private let halts = Atomic<Bool>(false)

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

  /// Makes a call that the client can hold up. Does not come back once the thread is to halt.
  func amongClient<Result: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // Sequentially consistent, as `halt` is: either this thread sees that it is to halt, or who
    // halts it sees that it is in a call.
    callSince.store(Clock.monotonicNanoseconds(), ordering: .sequentiallyConsistent)
    if halts.load(ordering: .sequentiallyConsistent) {
      callSince.store(0, ordering: .releasing)
      Thread.waitForEver()
    }
    state.store(Activity.amongClient.rawValue, ordering: .relaxed)
    defer {
      state.store(Activity.working.rawValue, ordering: .relaxed)
      callSince.store(0, ordering: .releasing)
    }
    return try body()
  }

  // MARK: who watches

  var beats: UInt64 { finished.load(ordering: .relaxed) }
  var activity: Activity { Activity(rawValue: state.load(ordering: .relaxed)) ?? .working }

  /// For how long it has been in one call that the client can hold up, in nanoseconds.
  func callNanoseconds(at now: UInt64) -> UInt64 {
    let since = callSince.load(ordering: .sequentiallyConsistent)
    return since == 0 || since > now ? 0 : now - since
  }

  /// Whether it is in such a call.
  var isInCall: Bool { callSince.load(ordering: .sequentiallyConsistent) != 0 }

  /// The process is about to end: the thread begins no such call any more.
  func halt() { halts.store(true, ordering: .sequentiallyConsistent) }
}

// What waits for a pager: its jobs, and the word that its session is over. Any thread puts in,
// the pager takes out, one at a time and in order.

import CoherentCore
import CoherentSystem
import Synchronization

final class PagerQueue: Sendable {
  private struct State {
    var jobs: [Job] = []
    var isEnded = false
    var isSurrendered = false
  }
  private let state = Mutex(State())
  let bell: EventCounter

  init() throws(SystemError) { bell = try EventCounter() }

  /// False when the session is over: the job is not taken.
  func put(_ job: Job) -> Bool {
    let (taken, rings) = state.withLock { state in
      guard !state.isEnded else { return (false, false) }
      state.jobs.append(job)
      return (true, state.jobs.count == 1)
    }
    if rings { bell.signal() }
    return taken
  }

  /// The daemon is stopping: after the jobs that wait, the client gets its data back.
  func surrender() {
    state.withLock { $0.isSurrendered = true }
    bell.signal()
  }

  func end() {
    state.withLock { $0.isEnded = true }
    bell.signal()
  }

  /// A job waits, or the word that the session or the daemon ends.
  var holdsWork: Bool {
    state.withLock { !$0.jobs.isEmpty || $0.isEnded || $0.isSurrendered }
  }

  enum Next {
    case job(Job)
    case nothing
    /// The daemon is stopping: the client is to get its data back.
    case surrender
    /// The session is over; these jobs are not to be done.
    case ended([Job])
  }

  func take() -> Next {
    state.withLock { state in
      if state.isEnded {
        defer { state.jobs = [] }
        return .ended(state.jobs)
      }
      if !state.jobs.isEmpty { return .job(state.jobs.removeFirst()) }
      return state.isSurrendered ? .surrender : .nothing
    }
  }
}

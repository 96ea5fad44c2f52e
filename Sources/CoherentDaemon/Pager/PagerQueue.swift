// What waits for a pager: its jobs, and the word that its session is over. Any thread puts in,
// the pager takes out, one at a time and in order.

import CoherentCore
import CoherentSystem
import Synchronization

final class PagerQueue: Sendable {
  private struct State {
    var jobs: [Job] = []
    var isEnded = false
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

  func end() {
    state.withLock { $0.isEnded = true }
    bell.signal()
  }

  enum Next {
    case job(Job)
    case nothing
    /// The session is over; these jobs are not to be done.
    case ended([Job])
  }

  func take() -> Next {
    state.withLock { state in
      if state.isEnded {
        defer { state.jobs = [] }
        return .ended(state.jobs)
      }
      return state.jobs.isEmpty ? .nothing : .job(state.jobs.removeFirst())
    }
  }
}

// The pager of one session as the simulator sees it: the jobs and faults that wait for it, and the
// steps of what it is doing. Between any two steps every other thread may do anything.

import CoherentCore

struct SimulatedPager {
  enum Step {
    case protect(Range<Int>)
    case unprotect(Range<Int>)
    case copyOut(Range<Int>)
    /// A copy that fails half way.
    case spoilStore(Range<Int>)
    case fill(Range<Int>, FillSource, FillTarget)
    case name(Range<Int>, SimulatedMemory.Named)
    case punchArena(Range<Int>)
    case punchStore(Range<Int>)
    case map(Range<Int>, writeProtected: Bool)
    case wake(Range<Int>)
    case retry(thread: Int)
    case completed(Job, JobOutcome)
    case filled(FillOrder)
    case fillFailed(FillOrder)
    case dropped(Range<Int>)
    case released(Range<Int>)
  }

  var jobs: [Job] = []
  /// Threads whose fault was not answered yet.
  var faults: [Int] = []
  var steps: [Step] = []
  /// Threads whose fault could not be carried out, to be tried again.
  var retries: [Int] = []
  var hasCancelled = false

  var isIdle: Bool { steps.isEmpty && jobs.isEmpty && faults.isEmpty && retries.isEmpty }

  /// The steps of a job. `early` commits before the memory is punched, the other order after it.
  static func steps(of job: Job, fails: Bool, early: Bool) -> [Step] {
    let range = job.first..<job.end
    switch job.kind {
    case .evict(let copies):
      let before: [Step] = copies ? [.protect(range), .copyOut(range)] : []
      if fails {
        let tried: [Step] = copies ? [.protect(range), .spoilStore(range), .unprotect(range)] : []
        return tried + [.completed(job, .failed), .wake(range)]
      }
      let after: [Step] =
        early
        ? [.completed(job, .done), .punchArena(range)]
        : [.punchArena(range), .completed(job, .done)]
      return before + [.name(range, .store)] + after + [.wake(range)]
    case .restore(let source):
      if fails { return [.punchArena(range), .completed(job, .failed), .wake(range)] }
      let commit: [Step] = [.name(range, .arena), .completed(job, .done)]
      return [.fill(range, source, job.target)] + (early ? commit : commit.reversed())
        + [.map(range, writeProtected: false)]
    case .discard, .release:
      return [
        .name(range, .nothing), .punchArena(range), .punchStore(range), .completed(job, .done),
        .wake(range),
      ]
    }
  }

  static func steps(of order: FillOrder, thread: Int, fails: Bool) -> [Step] {
    let range = order.first..<order.end
    if fails { return [.punchArena(range), .fillFailed(order), .retry(thread: thread)] }
    return [
      .fill(range, order.source, order.target), .name(range, .arena), .filled(order),
      .map(range, writeProtected: order.writeProtected),
    ]
  }
}

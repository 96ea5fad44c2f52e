// The pager's steps: what it does to the session's memory, and what it tells the core.

import CoherentCore
import CoherentWire

extension World {
  func runPager(_ position: Int) throws {
    if !clients[position].pager.steps.isEmpty {
      let step = clients[position].pager.steps.removeFirst()
      try perform(step, position)
    } else if clients[position].isEnding {
      try release(position)
    } else {
      try beginSomething(position)
    }
  }

  private func beginSomething(_ position: Int) throws {
    let pager = clients[position].pager
    if !pager.faults.isEmpty, pager.jobs.isEmpty || random.once(in: 2) {
      return try answerFault(position, clients[position].pager.faults.removeFirst())
    }
    if !pager.jobs.isEmpty {
      let job = clients[position].pager.jobs.removeFirst()
      clients[position].pager.steps = SimulatedPager.steps(
        of: job, fails: canFail(job) && fails, early: random.once(in: 2))
      return
    }
    if !pager.retries.isEmpty {
      clients[position].pager.faults = pager.retries
      clients[position].pager.retries = []
      return
    }
    let id = clients[position].id
    if case .drop(let range) = try event({ core, _ in core.takeStaleCopies(id, now) }) {
      clients[position].pager.steps = [.punchStore(range), .dropped(range)]
      for index in range {
        try law(
          clients[position].memory.frames[index].named != .store,
          "a stale copy is nobody's only one")
      }
    }
  }

  private func canFail(_ job: Job) -> Bool {
    switch job.kind {
    case .evict, .restore: true
    case .discard, .release: false
    }
  }

  private func answerFault(_ position: Int, _ thread: Int) throws {
    let frame = clients[position].threads[thread].frame
    let isWrite = clients[position].threads[thread].isWrite
    let isProtected = isWrite && clients[position].memory.frames[frame].mapping == .readOnly
    clients[position].threads[thread].state = .waiting
    let id = clients[position].id
    let decision = try event { core, effects in
      core.fault(
        id, frame: frame, isWrite: isWrite, isWriteProtect: isProtected, now, &effects)
    }
    switch decision {
    case .fill(let order):
      try law(order.first == frame, "what is filled is what was missing")
      clients[position].pager.steps = SimulatedPager.steps(of: order, thread: thread, fails: fails)
    case .map(let isProtected, let unprotects, _):
      let range = frame..<frame + 1
      clients[position].pager.steps =
        (unprotects ? [.unprotect(range)] : []) + [.map(range, writeProtected: isProtected)]
    case .wait: break
    case .lost: try law(false, "memory that does not break loses nothing")
    case .poison:
      try law(
        !clients[position].memory.frames[frame].isLive,
        "an access to what is allocated is never refused")
      clients[position].memory.frames[frame].isPoisoned = true
      clients[position].memory.frames[frame].mapping = .none
      clients[position].threads[thread].state = .idle
    }
  }

  private func release(_ position: Int) throws {
    let id = clients[position].id
    if !clients[position].pager.hasCancelled {
      clients[position].pager.hasCancelled = true
      let jobs = clients[position].pager.jobs
      clients[position].pager.jobs = []
      for job in jobs {
        try event { core, effects in core.completed(job, .cancelled, now, &effects) }
      }
      return
    }
    if let range = try event({ core, _ in core.releaseNext(id, limit: 3) }) {
      try law(!range.isEmpty && range.count <= 3, "a release is a step of bounded size")
      clients[position].pager.steps = [
        .name(range, .nothing), .punchArena(range), .punchStore(range), .released(range),
      ]
      return
    }
    for (index, frame) in clients[position].memory.frames.enumerated() {
      try law(
        frame.arena == nil && frame.store == nil, "frame \(index) outlived its session's release")
    }
    clients.remove(at: position)
    ledger.remove(id)
    board.remove(id)
    try event { core, effects in core.ended(id, now, &effects) }
  }

  // MARK: steps

  private func perform(_ step: SimulatedPager.Step, _ position: Int) throws {
    let id = clients[position].id
    switch step {
    case .completed(let job, let outcome):
      try event { core, effects in core.completed(job, outcome, now, &effects) }
    case .filled(let order):
      try event { core, effects in core.filled(id, order, now, &effects) }
    case .fillFailed(let order):
      try event { core, effects in core.fillFailed(id, order, now, &effects) }
    case .dropped(let range):
      try event { core, _ in core.droppedCopies(id, range) }
    case .released(let range):
      try event { core, effects in core.released(id, range, now, &effects) }
    case .retry(let thread):
      clients[position].threads[thread].state = .faulted
      clients[position].pager.retries.append(thread)
    case .wake(let range): clients[position].wake(range)
    case .map(let range, let isProtected):
      for index in range { try map(position, index, writeProtected: isProtected) }
      clients[position].wake(range)
    default:
      for index in step.range { try touch(position, index, step) }
    }
  }

  private func map(_ position: Int, _ index: Int, writeProtected: Bool) throws {
    try law(
      clients[position].memory.frames[index].arena != nil, "what is mapped was filled: \(index)")
    if !writeProtected {
      clients[position].memory.frames[index].mapping = .readWrite
    } else if clients[position].memory.frames[index].mapping == .none {
      clients[position].memory.frames[index].mapping = .readOnly
    }
  }

  /// A step's work on one frame's memory.
  private func touch(_ position: Int, _ index: Int, _ step: SimulatedPager.Step) throws {
    var frame = clients[position].memory.frames[index]
    switch step {
    case .protect: if frame.mapping == .readWrite { frame.mapping = .readOnly }
    case .unprotect: if frame.mapping == .readOnly { frame.mapping = .readWrite }
    case .copyOut:
      try law(frame.arena != nil, "what is copied out is there: \(index)")
      frame.store = frame.arena
    case .spoilStore:
      try law(frame.named != .store, "only what nobody needs is written over")
      frame.store = -1
    case .fill(_, .store, let target):
      try law(frame.store != nil, "what is copied in is there: \(index)")
      frame.arena = frame.store
      frame.target = target
    case .fill(_, .zero, let target):
      try law(frame.named == .nothing, "only what reads as zero is filled with zeros: \(index)")
      frame.arena = 0
      frame.target = target
    case .name(_, let named):
      frame.named = named
      // An eviction's commit is the pager's; every other one is the core's.
      if named == .store {
        let id = clients[position].id
        ledger.place(id, index..<index + 1, ledger.stored(id, index))
      }
    case .punchArena:
      if frame.named == .store, frame.isLive { try law(frame.store != nil, "one copy is left") }
      frame.arena = nil
      frame.mapping = .none
    case .punchStore: frame.store = nil
    default: break
    }
    clients[position].memory.frames[index] = frame
  }
}

extension SimulatedPager.Step {
  /// The frames whose memory the step changes.
  fileprivate var range: Range<Int> {
    switch self {
    case .protect(let range), .unprotect(let range), .copyOut(let range), .spoilStore(let range),
      .fill(let range, _, _), .name(let range, _), .punchArena(let range), .punchStore(let range):
      range
    default: 0..<0
    }
  }
}

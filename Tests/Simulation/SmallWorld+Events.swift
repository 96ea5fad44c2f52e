// The events that can happen in a small world, and what each does.

import CoherentWire

@testable import CoherentCore

extension SmallWorld {
  enum Event: Equatable {
    case connect(Int)
    case disconnect(Int)
    case ask(Int, Request)
    case fault(Int, frame: Int, isWrite: Bool)
    case fill(Int, succeeds: Bool)
    case job(Int, JobOutcome)
    case takeStale(Int)
    case dropStale(Int)
    case cancel(Int)
    case releaseNext(Int)
    case released(Int)
    case takeCarving
    case carved(Bool)
    case evict
    case time
    case fastPin(Int)
    case fastUnpin(Int)
    case release(Int)
  }

  func events() -> [Event] {
    var events: [Event] = []
    for index in clients.indices {
      if clients[index].id == nil {
        events.append(.connect(index))
      } else if clients[index].isEnding {
        events += endingEvents(index)
      } else {
        events += requests(index).map { .ask(index, $0) } + pagerEvents(index)
        if alphabet.contains(.words) { events += wordEvents(index) }
        if alphabet.contains(.ends) { events.append(.disconnect(index)) }
      }
    }
    if !carving.isEmpty {
      events.append(.carved(true))
      if alphabet.contains(.failures) { events.append(.carved(false)) }
    } else if core.carvingBacklog > 0, alphabet.contains(.carving) {
      events.append(.takeCarving)
    }
    if alphabet.contains(.administration), !hasOrder { events.append(.evict) }
    if core.nextDeadline != nil { events.append(.time) }
    return events
  }

  private func requests(_ index: Int) -> [Request] {
    let client = clients[index]
    guard client.asked == nil else { return [] }
    var requests: [Request] = client.pins.map { .unpin($0) }
    guard let handle = client.handles.first else {
      requests.append(
        .allocate(
          sizeBytes: UInt64(sizes[index]) * core.configuration.frameBytes, alignmentBytes: 0,
          timeoutMilliseconds: Self.timeout, priority: 128))
      return requests
    }
    requests.append(.free(handle))
    let range = HandleRange(
      handle: handle, offsetBytes: 0, lengthBytes: core.configuration.frameBytes)
    if alphabet.contains(.pins), client.pins.isEmpty {
      requests.append(
        .pin(range, leaseMilliseconds: Self.lease, timeoutMilliseconds: Self.timeout))
    }
    if alphabet.contains(.longTermPins), client.pins.count < 2 {
      requests.append(
        .pin(
          range, leaseMilliseconds: 0, timeoutMilliseconds: Self.timeout, isLongTerm: true))
    }
    if alphabet.contains(.migrations) {
      requests += MigrationTarget.allCases.map {
        .migrate(range, to: $0, timeoutMilliseconds: Self.timeout)
      }
    }
    if alphabet.contains(.advice) {
      requests += Advice.allCases.map { .advise(range, $0) }
    }
    return requests
  }

  private func wordEvents(_ index: Int) -> [Event] {
    if clients[index].mustRelease { return [.release(index)] }
    guard let id = clients[index].id, let handle = clients[index].handles.first else { return [] }
    if clients[index].token != nil { return [.fastUnpin(index)] }
    guard case .pinned = board[id, Self.word(handle)].pinning().outcome else { return [] }
    return [.fastPin(index)]
  }

  private func pagerEvents(_ index: Int) -> [Event] {
    let client = clients[index]
    let mayFail = alphabet.contains(.failures)
    if client.fill != nil {
      return [.fill(index, succeeds: true)] + (mayFail ? [.fill(index, succeeds: false)] : [])
    }
    if client.stale != nil { return [.dropStale(index)] }
    var events: [Event] = []
    if let job = client.jobs.first {
      events.append(.job(index, .done))
      switch job.kind {
      case .evict, .restore: if mayFail { events.append(.job(index, .failed)) }
      case .discard, .release: break
      }
    }
    guard let id = client.id, let slot = core.sessions.slot(of: id) else { return events }
    let arena = core.sessions[slot].arena
    let hasStale = arena.frames.contains { $0.flags.contains(.isListedStale) }
    if client.jobs.isEmpty, hasStale { events.append(.takeStale(index)) }
    for (frame, state) in arena.frames.enumerated()
    where state.isAllocated && !arena.allocation(ofFrame: frame).isDying && !state.isPassing {
      events.append(.fault(index, frame: frame, isWrite: true))
      if state.place == .stored { events.append(.fault(index, frame: frame, isWrite: false)) }
    }
    return events
  }

  private func endingEvents(_ index: Int) -> [Event] {
    let client = clients[index]
    if client.fill != nil { return [.fill(index, succeeds: true)] }
    if client.stale != nil { return [.dropStale(index)] }
    if client.hasCancelled {
      return [client.releasing == nil ? .releaseNext(index) : .released(index)]
    }
    return client.jobs.isEmpty ? [.cancel(index)] : [.cancel(index), .job(index, .done)]
  }

  // MARK: what they do

  mutating func apply(_ event: Event) throws {
    var effects: [Effect] = []
    switch event {
    case .connect(let index):
      guard
        case .success(let id) = core.connect(
          process: UInt32(index), user: UserID(rawValue: UInt32(index)), now)
      else {
        throw LawBroken(description: "there is room for two sessions")
      }
      core.attached(id)
      clients[index].id = id
    case .disconnect(let index):
      if let id = clients[index].id { core.disconnect(id, now, &effects) }
    case .ask(let index, let request):
      clients[index].asked = request
      if let id = clients[index].id {
        core.request(request, number: RequestID(rawValue: 1), from: id, now, &effects)
      }
    case .takeCarving: carving = core.takeCarvingWork(limit: 2)
    case .carved(let succeeded):
      core.carved(carving.removeFirst(), succeeded: succeeded, now, &effects)
    case .evict:
      hasOrder = true
      core.evict(
        token: 1, session: nil, handle: nil, frames: 1, timeoutMilliseconds: Self.timeout, now,
        &effects)
    case .time:
      if let next = core.nextDeadline { now = max(now, next) }
      core.tick(now, &effects)
    case .fastPin, .fastUnpin, .release: try applyWord(event, &effects)
    default: applyPager(event, &effects)
    }
    board.work(for: &core, now, &effects)
    try perform(effects)
    endOwnFastPins()
    if !alphabet.contains(.carving) {
      for work in core.takeCarvingWork(limit: 8) {
        core.carved(work, succeeded: true, now, &effects)
      }
    }
  }

  private mutating func applyWord(_ event: Event, _ effects: inout [Effect]) throws {
    switch event {
    case .fastPin(let index):
      guard let id = clients[index].id, let handle = clients[index].handles.first else { return }
      clients[index].token = board.pin(id, Self.word(handle))
      clients[index].pinnedSince = now
    case .fastUnpin(let index):
      guard let id = clients[index].id, let handle = clients[index].handles.first,
        let token = clients[index].token
      else { return }
      clients[index].token = nil
      switch board.unpin(id, Self.word(handle), token) {
      case .unpinned: break
      case .lastUnderEviction: clients[index].mustRelease = true
      case .leaseExpired, .notPinned:
        throw LawBroken(description: "a fast pin that was not revoked can be given back")
      }
    case .release(let index):
      clients[index].mustRelease = false
      guard let id = clients[index].id, let handle = clients[index].handles.first else { return }
      core.request(.release(handle), number: RequestID(rawValue: 2), from: id, now, &effects)
    default: break
    }
  }

  /// The client's own requests, to free or to discard, may have ended its fast pin.
  private mutating func endOwnFastPins() {
    for index in clients.indices {
      guard let id = clients[index].id, let token = clients[index].token else { continue }
      let handle = clients[index].handles.first
      let isHeld = handle.map { board[id, Self.word($0)].revocations == token.revocations } ?? false
      if !isHeld { clients[index].token = nil }
    }
  }

  private mutating func applyPager(_ event: Event, _ effects: inout [Effect]) {
    switch event {
    case .fault(let index, let frame, let isWrite):
      guard let id = clients[index].id else { return }
      let decision = core.fault(
        id, frame: frame, isWrite: isWrite, isWriteProtect: false, now, &effects)
      if case .fill(let order) = decision { clients[index].fill = order }
    case .fill(let index, let succeeds):
      guard let id = clients[index].id, let order = clients[index].fill else { return }
      clients[index].fill = nil
      if succeeds {
        core.filled(id, order, now, &effects)
      } else {
        core.fillFailed(id, order, now, &effects)
      }
    case .job(let index, let outcome):
      core.completed(clients[index].jobs.removeFirst(), outcome, now, &effects)
    case .takeStale(let index):
      // As if nothing had been evicted for long: that is when copies are dropped.
      let later = now.adding(milliseconds: Core.staleMilliseconds)
      if let id = clients[index].id, case .drop(let range) = core.takeStaleCopies(id, later) {
        clients[index].stale = range
      }
    case .dropStale(let index):
      guard let id = clients[index].id, let range = clients[index].stale else { return }
      core.droppedCopies(id, range)
      clients[index].stale = nil
    case .cancel(let index):
      clients[index].hasCancelled = true
      let jobs = clients[index].jobs
      clients[index].jobs = []
      for job in jobs { core.completed(job, .cancelled, now, &effects) }
    case .releaseNext(let index):
      guard let id = clients[index].id else { return }
      clients[index].releasing = core.releaseNext(id, limit: 1)
      guard clients[index].releasing == nil else { return }
      core.ended(id, now, &effects)
      board.remove(id)
      clients[index] = Client()
    case .released(let index):
      guard let id = clients[index].id, let range = clients[index].releasing else { return }
      core.released(id, range, now, &effects)
      clients[index].releasing = nil
    default: break
    }
  }
}

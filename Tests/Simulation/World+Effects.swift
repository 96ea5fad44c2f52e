// What the shell does with the core's effects, and what a client may expect of a reply: exactly one
// for each request, of the right kind, and true.

import CoherentWire

@testable import CoherentCore

extension World {
  func perform(_ effect: Effect) throws {
    switch effect {
    case .reply(let id, let number, let reply): try receive(id, number, reply)
    case .administrated(let token, _):
      guard let index = orders.firstIndex(where: { $0.token == token }) else {
        throw LawBroken(description: "an order is answered once")
      }
      orders.remove(at: index)
      answers += 1
    case .job(let job):
      guard let position = position(of: job.session), !clients[position].isEnding else {
        throw LawBroken(description: "jobs are for sessions that live: \(job)")
      }
      try law(job.count > 0, "a job has frames")
      clients[position].pager.jobs.append(job)
    case .end(let id):
      guard let position = position(of: id) else {
        throw LawBroken(description: "a session ends once")
      }
      try law(!clients[position].isEnding, "a session ends once")
      clients[position].isEnding = true
      clients[position].asked = []
      clients[position].fast = []
      for frame in clients[position].memory.frames.indices {
        clients[position].memory.frames[frame].isLive = false
      }
    case .carve: carver.isAwake = true
    case .blockChanged(let block, let state): try noteBlock(block, state)
    case .pressure(let began):
      try law(began != isUnderPressure, "pressure begins and ends in turn")
      isUnderPressure = began
    case .notify(_, .recovered), .notify(_, .memoryUnaccounted):
      throw LawBroken(description: "neither another daemon nor the kernel's count is its to say")
    case .notify(let id, .leaseRevoked(let handle, let pin, let pins)):
      guard let position = position(of: id) else {
        throw LawBroken(description: "events go to clients that are there")
      }
      guard let pin else { return try revokeFastPins(position, handle, pins: pins) }
      guard
        let index = clients[position].held.firstIndex(where: { $0.pin == pin })
      else { throw LawBroken(description: "a lease that runs out was held") }
      let held = clients[position].held.remove(at: index)
      try law(held.deadline <= now, "a lease does not run out early")
      clients[position].expired.append(held)
    }
  }

  private func receive(_ id: SessionID, _ number: RequestID, _ reply: Reply) throws {
    guard let position = position(of: id), !clients[position].isEnding,
      let index = clients[position].asked.firstIndex(where: { $0.number == number })
    else { throw LawBroken(description: "a request is answered once: \(reply)") }
    let asked = clients[position].asked.remove(at: index)
    answers += 1
    switch (asked.request, reply) {
    case (_, .refused(let refusal)): try receiveRefusal(position, asked, refusal)
    case (.allocate, .allocated(let handle, let offset, let size, let resets)):
      try receiveAllocation(position, handle, offset, size, resets)
    case (.free, .freed), (.query, .queried), (.statistics, .statistics), (.release, .released):
      break
    case (.pin(let range, _, _, let isLongTerm), .pinned(let pin, let lease, let moved)):
      let frames = framesOf(position, range)
      if isLongTerm { tally.longTermPins += 1 }
      try expectAll(position, frames, "what is pinned is where it was promised") {
        // A long-term pin that its owner asked for moves what its own short one holds.
        isLongTerm ? $0.place == .host : $0.isResident || $0.flags.contains(.isPinnedInHost)
      }
      try law(Int(moved) <= (isLongTerm ? frames.count : 0), "a pin moves its own frames only")
      clients[position].held.append(
        .init(
          pin: pin, handle: range.handle, frames: frames,
          deadline: isLongTerm ? .never : now.adding(milliseconds: lease), isLongTerm: isLongTerm)
      )
    case (.unpin(let pin), .unpinned):
      guard let held = clients[position].held.firstIndex(where: { $0.pin == pin }) else {
        // One that was told once may hear of it again from another daemon as it likes.
        try law(
          crashes > 0 && !clients[position].expired.contains { $0.pin == pin },
          "only what is pinned is unpinned: \(pin)")
        return
      }
      clients[position].held.remove(at: held)
    case (.migrate(let range, _, _), .migrated(let moved, let already)):
      let frames = framesOf(position, range)
      try law(Int(moved + already) == frames.count, "a migration counts its frames")
    case (.advise(let range, let advice), .advised):
      if advice == .discard { try receiveDiscarded(position, range) }
    default: throw LawBroken(description: "a reply fits its request: \(asked.request), \(reply)")
    }
  }

  private func receiveRefusal(
    _ position: Int, _ asked: SimulatedClient.Asked, _ refusal: Refusal
  ) throws {
    switch asked.request {
    case .advise(let range, .discard): endDiscard(position, range.handle)
    case .unpin(let pin):
      if let told = clients[position].expired.firstIndex(where: { $0.pin == pin }) {
        clients[position].told.append(clients[position].expired.remove(at: told))
      }
      if let held = clients[position].held.firstIndex(where: { $0.pin == pin }) {
        try law(
          refusal.reason == .leaseExpired && clients[position].held[held].deadline < now,
          "a pin that is held can be given back: \(refusal)")
        clients[position].held.remove(at: held)
      }
    default: break
    }
    if refusal.reason == .regionGoingOffline {
      try law(
        core.region.usable == 0, "only without any block online the region is said to be going")
    }
    if refusal.detail.isShare {
      tally.refusedByShare += 1
      try law(
        refusal.user == clients[position].user.rawValue && refusal.protected > 0,
        "a share is refused to the user whose it is, and kept for others")
    }
    if refusal.reason == .timedOut { try law(asked.deadline <= now, "nobody times out early") }
  }

  private func receiveAllocation(
    _ position: Int, _ handle: HandleID, _ offset: UInt64, _ size: UInt64, _ resets: Bool
  ) throws {
    let first = Int(offset / setting.core.frameBytes)
    let frames = first..<first + Int(size / setting.core.frameBytes)
    for index in frames {
      var frame = clients[position].memory.frames[index]
      try law(!frame.isLive, "an address is given out once")
      try law(
        frame.arena == nil && frame.store == nil && frame.named == .nothing,
        "what is given out anew holds nothing of its last use")
      if resets { frame.isPoisoned = false }
      try law(!frame.isPoisoned, "what was poisoned is reset before use")
      frame.isLive = true
      frame.lastWrite = 0
      frame.mayBeZero = false
      clients[position].memory.frames[index] = frame
    }
    clients[position].given.append(.init(handle: handle, frames: frames))
  }

  /// From the answer on every whole frame of the range reads as zero, until it is written to.
  private func receiveDiscarded(_ position: Int, _ range: HandleRange) throws {
    let isOnly = clients[position].given.first { $0.handle == range.handle }?.discards == 1
    endDiscard(position, range.handle)
    for index in wholeFramesOf(position, range) {
      let frame = clients[position].memory.frames[index]
      try law(
        frame.contents == 0 && (frame.arena ?? 0) == 0,
        "what was discarded reads as zero: \(index), \(frame)")
      // Another discard of it may be under way, of what is written from now on.
      guard isOnly else { continue }
      clients[position].memory.frames[index].lastWrite = 0
      clients[position].memory.frames[index].mayBeZero = false
      tally.discardedFrames += 1
    }
  }

  private func endDiscard(_ position: Int, _ handle: HandleID) {
    if let index = clients[position].given.firstIndex(where: { $0.handle == handle }) {
      clients[position].given[index].discards -= 1
    }
  }

  /// The frames of the arena that a request's range means.
  func framesOf(_ position: Int, _ range: HandleRange) -> Range<Int> {
    guard let given = clients[position].given.first(where: { $0.handle == range.handle }) else {
      return 0..<0
    }
    let frameBytes = setting.core.frameBytes
    let first = Int(range.offsetBytes / frameBytes)
    let last = Int((range.offsetBytes + range.lengthBytes - 1) / frameBytes)
    return given.frames.lowerBound + first..<given.frames.lowerBound + last + 1
  }

  /// Those of them that lie wholly in it.
  func wholeFramesOf(_ position: Int, _ range: HandleRange) -> Range<Int> {
    let touched = framesOf(position, range)
    let frameBytes = setting.core.frameBytes
    let end = range.offsetBytes + range.lengthBytes
    let first = touched.lowerBound + (range.offsetBytes.isMultiple(of: frameBytes) ? 0 : 1)
    let last = touched.upperBound - (end.isMultiple(of: frameBytes) ? 0 : 1)
    return first..<max(first, last)
  }

  private func expectAll(
    _ position: Int, _ frames: Range<Int>, _ sentence: String, _ isRight: (Frame) -> Bool
  ) throws {
    guard let slot = core.sessions.slot(of: clients[position].id) else {
      throw LawBroken(description: "a session that is answered exists")
    }
    for index in frames {
      try law(isRight(core.sessions[slot].arena.frames[index]), sentence)
    }
  }
}

// A client's requests: checked here, every one, against what the session really holds. A request
// that is refused has changed nothing.

import CoherentWire

extension Core {
  /// Decides a request of an attached session. The answer is an effect, now or later. `isRepeat`:
  /// the client asks again, since the daemon that it asked first has died.
  package mutating func request(
    _ request: Request, number: RequestID, from id: SessionID, isRepeat: Bool = false,
    _ now: Instant, _ effects: inout [Effect]
  ) {
    guard let slot = sessions.slot(of: id), !sessions[slot].isEnding else { return }
    see(now)
    stalls.acted(slot, now)
    if isRepeat, !isStopping {
      switch repeated(slot, request, number, now) {
      case .answered(let reply): return effects.append(.reply(id, number, reply))
      case .waits: return
      case .isNew: break
      }
    }
    let requester = Requester.client(id, number)
    do throws(Refusal) {
      try admit(slot, request)
      switch request {
      case .hello, .attach:
        throw refusal(.protocolViolation, .outOfOrder)
      case .allocate(let size, let alignment, let timeout, let priority):
        try allocate(
          slot, requester, sizeBytes: size, alignmentBytes: alignment,
          timeoutMilliseconds: timeout, priority: priority, now, &effects)
      case .free(let handle):
        try free(slot, handle, now, &effects)
        effects.append(.reply(id, number, .freed))
      case .pin(let range, let lease, let timeout, let isLongTerm):
        if isLongTerm {
          try pinLongTerm(
            slot, requester, range, timeoutMilliseconds: timeout, now, &effects)
        } else {
          try pin(
            slot, requester, range, leaseMilliseconds: lease, timeoutMilliseconds: timeout, now,
            &effects)
        }
      case .release(let handle):
        try released(slot, handle)
        effects.append(.reply(id, number, .released))
      case .unpin(let pin):
        try unpin(slot, pin, now, &effects)
        effects.append(.reply(id, number, .unpinned))
      case .migrate(let range, let target, let timeout):
        try migrate(
          slot, requester, range, to: target, timeoutMilliseconds: timeout, now, &effects)
      case .advise(let range, let advice):
        if let frames = try advise(slot, requester, range, advice, now, &effects) {
          effects.append(.reply(id, number, .advised(frames: UInt32(frames))))
        }
      case .query(let range):
        effects.append(.reply(id, number, .queried(try query(slot, range))))
      case .statistics:
        effects.append(.reply(id, number, .statistics(statistics(slot))))
      }
    } catch {
      noteRefused(error, of: slot)
      effects.append(.reply(id, number, .refused(error)))
    }
  }

  /// A client that has so many times its share of requests refused in a row floods.
  private static let floodFactor = 4

  private mutating func admit(_ slot: Int, _ request: Request) throws(Refusal) {
    guard !isStopping else { throw refusal(.regionGoingOffline, .daemonStopping) }
    guard sessions[slot].isAttached else { throw refusal(.protocolViolation, .outOfOrder) }
    switch request {
    case .free, .unpin, .query, .statistics, .release:
      // These never wait. A client whose requests all wait for memory can still give some back.
      return
    default: break
    }
    let underWay = sessions[slot].waiters.count { identifier in
      if case .client = waiters[slot: waiterSlot(identifier)].requester { return true }
      return false
    }
    guard underWay < configuration.maximumRequestsInFlight else {
      sessions[slot].refusedInRow += 1
      let patience = Self.floodFactor * configuration.maximumRequestsInFlight
      if sessions[slot].refusedInRow > patience {
        throw refusal(
          .protocolViolation, .flood, asked: UInt64(sessions[slot].refusedInRow),
          limit: UInt64(patience))
      }
      throw refusal(
        .overLimit, .tooManyRequests, asked: UInt64(underWay + 1),
        limit: UInt64(configuration.maximumRequestsInFlight))
    }
    sessions[slot].refusedInRow = 0
  }

  // MARK: checks

  /// The allocation of a handle that this session holds and has not freed.
  mutating func allocationSlot(_ slot: Int, _ handle: HandleID) throws(Refusal) -> Int {
    guard let found = sessions[slot].arena.allocations.slot(of: handle.rawValue),
      !sessions[slot].arena.allocations[slot: found].isDying
    else { throw refusal(.invalidRange, .unknownHandle, asked: handle.rawValue) }
    return found
  }

  /// The frames that a range of bytes touches.
  mutating func frames(_ slot: Int, _ range: HandleRange) throws(Refusal) -> Range<Int> {
    let allocation = sessions[slot].arena.allocations[
      slot: try allocationSlot(slot, range.handle)]
    guard range.lengthBytes > 0 else { throw refusal(.invalidRange, .zeroLength) }
    let size = bytes(Int(allocation.count))
    let (end, overflow) = range.offsetBytes.addingReportingOverflow(range.lengthBytes)
    guard !overflow, end <= size else {
      throw refusal(
        .invalidRange, .pastTheEnd, asked: overflow ? .max : end, limit: size)
    }
    let first = Int(range.offsetBytes / configuration.frameBytes)
    let last = Int((end - 1) / configuration.frameBytes)
    return Int(allocation.first) + first..<Int(allocation.first) + last + 1
  }

  mutating func checkTimeout(_ milliseconds: UInt32) throws(Refusal) {
    guard milliseconds <= configuration.maximumTimeoutMilliseconds else {
      throw refusal(
        .invalidRange, .timeoutTooLong, asked: UInt64(milliseconds),
        limit: UInt64(configuration.maximumTimeoutMilliseconds))
    }
  }

  // MARK: questions

  private mutating func query(_ slot: Int, _ range: HandleRange) throws(Refusal) -> QueryAnswer {
    let range = try frames(slot, range)
    let isPinnedByWord = sessions[slot].arena.allocation(ofFrame: range.lowerBound).wordIsPinned
    var answer = QueryAnswer()
    answer.frames = UInt32(range.count)
    var isCut = false
    for index in range {
      let frame = sessions[slot].arena.frames[index]
      if frame.isPinned || isPinnedByWord { answer.pinnedFrames += 1 }
      if !isCut, let last = answer.runs.last, last.place == frame.place {
        answer.runs[answer.runs.count - 1].frames += 1
      } else if !isCut, answer.runs.count < QueryAnswer.maximumRuns {
        answer.runs.append(PlaceRun(place: frame.place, frames: 1))
      } else {
        isCut = true
      }
    }
    return answer
  }

  private func statistics(_ slot: Int) -> StatisticsAnswer {
    let session = sessions[slot]
    let places = session.arena.places
    var answer = StatisticsAnswer()
    answer.capacityBytes = bytes(attainableFrames)
    answer.freeBytes = bytes(region.free)
    answer.frameBytes = configuration.frameBytes
    answer.allocations = UInt64(session.arena.allocations.count)
    answer.reservedBytes = bytes(places[.untouched])
    answer.deviceBytes = bytes(places[.device])
    answer.hostBytes = bytes(places[.host])
    answer.storedBytes = bytes(places[.stored])
    answer.pinnedBytes = bytes(session.arena.pinnedFrames)
    answer.faults = session.counters.faults
    answer.evictedFrames = session.counters.evictedFrames
    answer.restoredFrames = session.counters.restoredFrames
    return answer
  }
}

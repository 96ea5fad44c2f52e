// Eviction: in the background between the watermarks, directly for an allocation that waits, and
// on an administrator's word. Always in the longest runs that the victims allow.

import CoherentWire

extension Core {
  /// The most jobs that one event starts, so that no event takes long.
  private static let jobsPerEvent = 64

  // MARK: pressure

  /// Keeps free frames between the watermarks.
  mutating func balance(_ now: Instant, _ effects: inout [Effect]) {
    guard configuration.oversubscribe, !isStopping else { return }
    if !isUnderPressure, region.free < configuration.lowFrames {
      isUnderPressure = true
      notePressure(true)
      effects.append(.pressure(true))
    } else if isUnderPressure, region.free >= configuration.highFrames {
      isUnderPressure = false
      notePressure(false)
      effects.append(.pressure(false))
    }
    if isUnderPressure {
      blameForPressure()
      evict(untilFree: configuration.highFrames, now, &effects)
    }
  }

  /// Makes room for a request that waits for `needed` frames.
  mutating func evictForFrames(_ needed: Int, _ now: Instant, _ effects: inout [Effect]) {
    guard configuration.oversubscribe else { return }
    evict(untilFree: needed + configuration.reserveFrames, now, &effects)
  }

  private mutating func evict(untilFree goal: Int, _ now: Instant, _ effects: inout [Effect]) {
    guard !isStopping else { return }
    var jobs = 0
    while region.free + framesOnTheirWay < goal, jobs < Self.jobsPerEvent {
      guard let started = evictColdest(waiter: nil, &effects) else {
        // Nothing but what is pinned, or lent out to be pinned.
        _ = takeOldestWords(frames: goal - region.free - framesOnTheirWay)
        return
      }
      jobs += started.jobs
    }
  }

  // MARK: runs

  struct Started {
    var frames = 0
    var jobs = 0
  }

  /// Evicts the coldest frame and the neighbours that may go with it; nil if there is none.
  mutating func evictColdest(
    waiter: UInt64?, limit: Int = .max, _ effects: inout [Effect]
  ) -> Started? {
    while let victim = region.victim() {
      let slot = Int(region[victim].session)
      let index = Int(region[victim].arenaFrame)
      if sessions[slot].isEnding {
        // It is being given back anyway.
        region.makeUnevictable(victim)
        continue
      }
      if sessions[slot].arena.frames[index].place == .untouched {
        stealReservation(slot, index)
        return Started(frames: 1, jobs: 0)
      }
      if sessions[slot].isPaused {
        // It comes back into the order when the pause ends.
        region.makeUnevictable(victim)
        continue
      }
      let arena = 0..<sessions[slot].arena.frames.count
      return evictRun(
        slot, around: index, within: arena, victim: victim, waiter: waiter, limit: limit, &effects)
    }
    return nil
  }

  /// Evicts a resident frame and its like neighbours within `bounds`. With a `victim`, only
  /// neighbours that are cold too. Pinned ones only for a long-term pin, which stands in no other's
  /// way than its own session's. With a `block`, only what lies there.
  @discardableResult
  mutating func evictRun(
    _ slot: Int, around index: Int, within bounds: Range<Int>, victim: Int? = nil,
    waiter: UInt64? = nil, limit: Int = .max, includesPinned: Bool = false, block: Int? = nil,
    _ effects: inout [Effect]
  ) -> Started {
    let limit = min(limit, configuration.runFrames)
    let first = sessions[slot].arena.frames[index]
    let isClean = first.flags.contains(.copyIsCurrent)
    var run = index..<index + 1
    while run.count < limit, run.upperBound < bounds.upperBound,
      isLike(slot, run.upperBound, first, victim, includesPinned), isIn(block, slot, run.upperBound)
    { run = run.lowerBound..<run.upperBound + 1 }
    while run.count < limit, run.lowerBound > bounds.lowerBound,
      isLike(slot, run.lowerBound - 1, first, victim, includesPinned),
      isIn(block, slot, run.lowerBound - 1)
    { run = run.lowerBound - 1..<run.upperBound }
    for member in run { beginPassing(slot, member, .evicting) }
    effects.append(
      .job(
        Job(
          kind: .evict(copies: !isClean), session: sessions[slot].id, first: run.lowerBound,
          count: run.count, block: block, waiter: waiter, origin: because)))
    return Started(frames: run.count, jobs: 1)
  }

  private func isIn(_ block: Int?, _ slot: Int, _ index: Int) -> Bool {
    guard let block else { return true }
    return region.block(ofFrame: Int(sessions[slot].arena.frames[index].deviceFrame)) == block
  }

  private func isLike(
    _ slot: Int, _ index: Int, _ first: Frame, _ victim: Int?, _ includesPinned: Bool
  ) -> Bool {
    let frame = sessions[slot].arena.frames[index]
    guard frame.isAllocated, frame.place == first.place, frame.pins == 0 || includesPinned,
      frame.flags.contains(.copyIsCurrent) == first.flags.contains(.copyIsCurrent)
    else { return false }
    if sessions[slot].arena.allocation(ofFrame: index).isDying { return false }
    guard let victim else { return true }
    return region.mayAccompany(Int(frame.deviceFrame), victim: victim)
  }

  // MARK: bringing host frames back

  /// The most frames that one tick sends on their way back to the device.
  private static let promotionFrames = 1024

  /// With room on the device, frames that had to be restored to host memory go to the host store,
  /// from where their next access brings them to the device. A bounded step of a walk over all.
  mutating func promoteHostFrames(_ now: Instant, _ effects: inout [Effect]) {
    guard configuration.oversubscribe, !isStopping, !isUnderPressure else { return }
    because = Origin(.promotion)
    var room = region.free - max(configuration.highFrames, configuration.reserveFrames)
    room = min(room, Self.promotionFrames)
    var looks = 4 * sessions.endSlot + 64
    while room > 0, looks > 0, promotionSlot < sessions.endSlot {
      looks -= 1
      room -= promoteNext(&effects)
    }
    if promotionSlot >= sessions.endSlot { promotionSlot = 0 }
  }

  /// The next run of the walk, or a step on towards it; the frames that were sent on their way.
  private mutating func promoteNext(_ effects: inout [Effect]) -> Int {
    let slot = promotionSlot
    guard sessions.holds(slot: slot), !sessions[slot].isEnding, !sessions[slot].isPaused,
      sessions[slot].arena.places[.host] > 0,
      promotionCursor < sessions[slot].arena.frames.count
    else {
      promotionSlot += 1
      promotionCursor = 0
      return 0
    }
    let count = sessions[slot].arena.frames.count
    let end = min(promotionCursor + 4096, count)
    while promotionCursor < end {
      let index = promotionCursor
      promotionCursor += 1
      let frame = sessions[slot].arena.frames[index]
      guard frame.place == .host, frame.pins == 0, !frame.staysInHost,
        !sessions[slot].arena.allocation(ofFrame: index).isDying
      else { continue }
      return evictRun(slot, around: index, within: index..<count, &effects).frames
    }
    return 0
  }
}

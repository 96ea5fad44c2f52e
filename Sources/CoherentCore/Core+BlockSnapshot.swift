// The blocks as an administrator sees them, and what would become of what lies in them.

import CoherentWire

extension Core {
  package var blockFrames: Int { region.blockFrames }
  package var maximumBlocks: Int { region.maximumBlocks }

  /// The blocks that are there, at most `limit` from a number on, and the number to go on with.
  /// O(blocks), and O(frames) of those that go offline.
  package func blocks(from first: Int, limit: Int) -> (list: [BlockStatus], next: Int?) {
    var list: [BlockStatus] = []
    var block = first
    while block < region.blocks.count, list.count < limit {
      if region.state(ofBlock: block) != .absent {
        list.append(
          blockStatus(block, looksForPins: region.state(ofBlock: block) == .goingOffline))
      }
      block += 1
    }
    return (list, block < region.blocks.count ? block : nil)
  }

  /// How many frames are looked at for pins in one go, unless a block that goes offline has more.
  private static let pinLookFrames = 32_768

  /// The same with the pins of those that are online, too, but for blocks of very many frames. Ends
  /// early rather than to look at too many frames.
  package func blocksWithPins(from first: Int, limit: Int) -> (list: [BlockStatus], next: Int?) {
    var (list, next) = blocks(
      from: first, limit: min(limit, max(Self.pinLookFrames / region.blockFrames, 1)))
    for index in list.indices
    where list[index].state == .online && region.blockFrames <= Self.pinLookFrames {
      findPins(in: list[index].block, &list[index])
    }
    return (list, next)
  }

  private func blockStatus(_ block: Int, looksForPins: Bool) -> BlockStatus {
    let found = region.blocks[block]
    var status = BlockStatus(block: block)
    status.state = found.state
    status.kind = found.kind
    status.freeFrames = found.counts[.free]
    status.reservedFrames = found.counts[.reserved]
    status.deviceFrames = found.counts[.device]
    status.movingFrames =
      found.counts[.evicting] + found.counts[.restoring] + found.counts[.releasing]
    status.isolatedFrames = found.counts[.isolated]
    status.filledFrames = found.filledFrames
    status.lastFailure = found.lastFailure
    status.deadline = found.deadline
    if looksForPins { findPins(in: block, &status) }
    return status
  }

  /// Who pins frames of a block, and until when at the latest. With n frames of the block that are
  /// pinned, O(frames of the block + n log n + pins of those sessions * log n).
  private func findPins(in block: Int, _ status: inout BlockStatus) {
    var pinned: [Int: [Int]] = [:]  // frames of the arena by the session's slot
    for index in region.frames(ofBlock: block) where isPinned(deviceFrame: index) {
      pinned[Int(region[index].session), default: []].append(Int(region[index].arenaFrame))
    }
    status.pinnedFrames = pinned.values.reduce(0) { $0 + $1.count }
    for (slot, frames) in pinned {
      status.holders.append(
        PinHolder(session: sessions[slot].id, process: sessions[slot].process, frames: frames.count)
      )
      let last = lastLease(ofSession: slot, onAnyOf: frames.sorted())
      status.pinnedUntil = max(status.pinnedUntil ?? last, last)
    }
    status.holders.sort { ($1.frames, $0.session) < ($0.frames, $1.session) }
  }

  private func isPinned(deviceFrame index: Int) -> Bool {
    let device = region[index]
    guard device.state == .device else { return false }
    // Field by field: a session is too large to be copied for each frame.
    let (slot, arenaFrame) = (Int(device.session), Int(device.arenaFrame))
    let frame = sessions[slot].arena.frames[arenaFrame]
    return !sessions[slot].isEnding
      && (frame.isPinned
        || sessions[slot].arena.allocations[slot: Int(frame.allocation)].wordIsPinned)
  }

  /// The end of the last lease that a session has on some of its frames, which are in order. A fast
  /// pin that nobody waits for yet has a lease from now on.
  private func lastLease(ofSession slot: Int, onAnyOf frames: [Int]) -> Instant {
    let session = sessions[slot]
    func isOn(_ range: Range<Int>) -> Bool {
      var (low, high) = (0, frames.count)  // the first frame of the range or beyond it
      while low < high {
        let middle = (low + high) / 2
        if frames[middle] < range.lowerBound { low = middle + 1 } else { high = middle }
      }
      return low < frames.count && frames[low] < range.upperBound
    }
    var last = Instant(nanoseconds: 0)
    for pinSlot in 0..<session.pins.endSlot where session.pins.holds(slot: pinSlot) {
      let pin = session.pins[slot: pinSlot]
      if !pin.isLongTerm, pin.deadline > last, isOn(pin.range) { last = pin.deadline }
    }
    let allocations = session.arena.allocations
    for word in 0..<allocations.endSlot where session.lentWords > 0 && allocations.holds(slot: word)
    {
      let allocation = allocations[slot: word]
      guard allocation.wordIsPinned, isOn(allocation.range) else { continue }
      let end =
        allocation.word == .closing
        ? allocation.wordDeadline
        : allocation.wordSeenAt.adding(milliseconds: configuration.defaultLeaseMilliseconds)
      last = max(last, end)
    }
    return last
  }

  /// What taking these blocks offline would do, as things stand. Throws why it would be refused.
  /// O(frames of the blocks).
  /// Those that are going offline already are planned from where they are.
  package func planOffline(_ blocks: [Int]) throws(BlockFault) -> [OfflinePlan] {
    let leaving = try checkLeaving(blocks)
    var roomOf: [MemoryKind: Int] = [:]
    for (block, other) in region.blocks.enumerated()
    where other.state == .online && !leaving.contains(block) {
      roomOf[other.kind, default: 0] += other.counts[.free]
    }
    let kept =
      configuration.oversubscribe ? max(configuration.lowFrames, configuration.reserveFrames) : 0
    var room = max(roomOf.values.reduce(0, +) - kept, 0)
    let going = Set(blocks).filter { region.state(ofBlock: $0) == .goingOffline }
    return (leaving + going).sorted().map { block in
      var plan = OfflinePlan(status: blockStatus(block, looksForPins: true))
      let kind = plan.status.kind
      let used = plan.status.leftFrames
      // Between blocks of one kind a frame moves without a copy, pinned or not.
      let exchanged = min(used, room, roomOf[kind] ?? 0)
      roomOf[kind, default: 0] -= exchanged
      plan.movedFrames = min(used, room)
      plan.evictedFrames = used - plan.movedFrames
      plan.delayedFrames = min(plan.status.pinnedFrames ?? 0, used - exchanged)
      room -= plan.movedFrames
      return plan
    }
  }
}

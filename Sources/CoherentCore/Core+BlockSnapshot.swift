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

  /// Who pins frames of a block, and until when at the latest. O(frames of the block + pins of those
  /// sessions).
  private func findPins(in block: Int, _ status: inout BlockStatus) {
    var frames: [Int: Int] = [:]  // by the session's slot
    for index in region.frames(ofBlock: block) where isPinned(deviceFrame: index) {
      frames[Int(region[index].session), default: 0] += 1
    }
    status.pinnedFrames = frames.values.reduce(0, +)
    status.holders = frames.map { slot, count in
      PinHolder(session: sessions[slot].id, process: sessions[slot].process, frames: count)
    }.sorted { ($1.frames, $0.session) < ($0.frames, $1.session) }
    status.pinnedUntil = frames.keys.map { lastLease(ofSession: $0, in: block) }.max()
  }

  private func isPinned(deviceFrame index: Int) -> Bool {
    let device = region[index]
    guard device.state == .device else { return false }
    let session = sessions[Int(device.session)]
    guard !session.isEnding else { return false }
    let frame = session.arena.frames[Int(device.arenaFrame)]
    return frame.isPinned || session.arena.allocation(ofFrame: Int(device.arenaFrame)).wordIsPinned
  }

  /// The end of the last lease that a session has on frames of a block. A fast pin that nobody waits
  /// for yet has a lease from now on.
  private func lastLease(ofSession slot: Int, in block: Int) -> Instant {
    let session = sessions[slot]
    func liesThere(_ range: Range<Int>) -> Bool {
      range.contains { index in
        let frame = session.arena.frames[index].deviceFrame
        return frame != Frame.none && region.block(ofFrame: Int(frame)) == block
      }
    }
    var last = Instant(nanoseconds: 0)
    for pinSlot in 0..<session.pins.endSlot where session.pins.holds(slot: pinSlot) {
      let pin = session.pins[slot: pinSlot]
      if !pin.isLongTerm, pin.deadline > last, liesThere(pin.range) { last = pin.deadline }
    }
    let allocations = session.arena.allocations
    for word in 0..<allocations.endSlot where session.lentWords > 0 && allocations.holds(slot: word)
    {
      let allocation = allocations[slot: word]
      guard allocation.wordIsPinned, liesThere(allocation.range) else { continue }
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
  package func planOffline(_ blocks: [Int]) throws(BlockFault) -> [OfflinePlan] {
    let leaving = try checkLeaving(blocks)
    let stays = region.free - leaving.reduce(0) { $0 + region.blocks[$1].counts[.free] }
    let kept =
      configuration.oversubscribe ? max(configuration.lowFrames, configuration.reserveFrames) : 0
    var room = max(stays - kept, 0)
    return leaving.map { block in
      var plan = OfflinePlan(status: blockStatus(block, looksForPins: true))
      let used = plan.status.leftFrames
      plan.movedFrames = min(used, room)
      plan.evictedFrames = used - plan.movedFrames
      room -= plan.movedFrames
      return plan
    }
  }
}

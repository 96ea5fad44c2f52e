// Memory blocks come and go while clients work. A block that is to go offline gives no frame out
// any more; what lies there gets a frame of another block where there is room, else goes to the
// host store; what is pinned waits for its lease to end, and new pins wait behind. By its deadline
// the block is offline, or online again with everything as it was.
//
// Between blocks of one kind a frame moves without a copy: an arena's memory is its own, and only
// which frame of the device stands for it changes. So a pin, too, is in nobody's way there.

import CoherentWire

extension Core {
  /// Device frames that are looked at in one event, so that no event takes long.
  private static let looksPerEvent = 4096
  private static let jobsPerBlock = 8
  /// How soon a block is looked at again whose frames wait for pins, or for a paused session.
  static let blockRetryMilliseconds: UInt32 = 5

  // MARK: coming

  /// Adds blocks, offline. Throws for the first that is there already but of another kind, or lies
  /// beyond the region; then nothing has changed. Returns those that were added.
  package mutating func addBlocks(
    _ blocks: [Int], _ kind: MemoryKind, _ now: Instant
  ) throws(BlockFault) -> [Int] {
    for block in blocks {
      guard block >= 0, block < region.maximumBlocks else {
        throw .beyondRegion(block, maximumBlocks: region.maximumBlocks)
      }
      let state = region.state(ofBlock: block)
      guard state == .absent || region.blocks[block].kind == kind else {
        throw .otherKind(block, state)
      }
    }
    see(now)
    var added: [Int] = []
    for block in blocks where region.state(ofBlock: block) == .absent {
      region.add(block, kind)
      noteBlock(block)
      added.append(block)
    }
    return added
  }

  /// The lowest blocks that are absent, `count` of them. Throws if the region has not so many.
  package func absentBlocks(_ count: Int) throws(BlockFault) -> [Int] {
    let absent = (0..<region.maximumBlocks).lazy.filter { region.state(ofBlock: $0) == .absent }
    let found = Array(absent.prefix(count))
    guard found.count == count else {
      throw .tooMany(asked: count, absent: found.count, maximumBlocks: region.maximumBlocks)
    }
    return found
  }

  package func blockState(_ block: Int) -> BlockState { region.state(ofBlock: block) }

  /// Whether nothing is left in a block that goes offline, and its memory is being given back.
  package func isEmptied(_ block: Int) -> Bool {
    region.blocks.indices.contains(block) && region.blocks[block].isEmptied
  }

  package func blockKind(_ block: Int) -> MemoryKind {
    region.blocks.indices.contains(block) ? region.blocks[block].kind : .unbound
  }

  /// The kinds of the blocks that are there.
  package var kindsOfBlocks: Set<MemoryKind> {
    Set(region.blocks.lazy.filter { $0.state != .absent }.map(\.kind))
  }

  /// A block that was offline is part of the device: the region's file holds its memory, all of it.
  package mutating func broughtOnline(
    _ block: Int, _ now: Instant, _ effects: inout [Effect]
  ) {
    see(now)
    region.bringOnline(block)
    blockChanged(block, now, &effects)
  }

  package mutating func removeBlock(_ block: Int, _ now: Instant) throws(BlockFault) {
    see(now)
    guard region.state(ofBlock: block) == .offline else {
      throw .wrongState(block, region.state(ofBlock: block), needed: .offline)
    }
    region.remove(block)
    noteBlock(block)
  }

  // MARK: going

  /// Blocks go offline, until `timeoutMilliseconds` from now at the latest. Throws if one is not
  /// there, or if what has been promised would not fit in the others; then nothing has changed.
  /// Returns those that were online.
  package mutating func offlineBlocks(
    _ blocks: [Int], timeoutMilliseconds: UInt32, _ now: Instant, _ effects: inout [Effect]
  ) throws(BlockFault) -> [Int] {
    see(now)
    let leaving = try checkLeaving(blocks)
    let deadline = now.adding(milliseconds: timeoutMilliseconds)
    region.beginLeaving(leaving, until: deadline)
    if !leaving.isEmpty {
      // If frames are too few from now on, nobody who took some is to blame.
      lastTaker = nil
      pressureOrigin = Origin(.blockOffline)
    }
    for block in leaving { insertDeadline(.blockEnd(block), at: deadline) }
    for block in leaving { blockChanged(block, now, &effects) }
    for block in leaving { advanceBlock(block, now, &effects) }
    if !configuration.oversubscribe { moveAll(leaving, now, &effects) }
    return leaving
  }

  /// Where nothing is ever evicted, all that rests in a block moves before anybody else can take
  /// the room that was found for it. O(frames).
  private mutating func moveAll(
    _ blocks: [Int], _ now: Instant, _ effects: inout [Effect]
  ) {
    for block in blocks {
      for _ in 0..<region.blockFrames / Self.looksPerEvent { advanceBlock(block, now, &effects) }
    }
  }

  /// Those of the blocks that are online, each once, if all of them may leave.
  func checkLeaving(_ blocks: [Int]) throws(BlockFault) -> [Int] {
    var leaving: [Int] = []
    for block in Set(blocks).sorted() {
      switch region.state(ofBlock: block) {
      case .absent: throw .noSuchBlock(block)
      case .online: leaving.append(block)
      case .offline, .goingOffline: break
      }
    }
    guard !configuration.oversubscribe else { return leaving }
    // What was admitted is never evicted: all of it must find a frame elsewhere, of its own kind.
    for kind in MemoryKind.all {
      let going = leaving.filter { region.blocks[$0].kind == kind }
      let used = going.reduce(0) { $0 + region.blockFrames - region.blocks[$1].counts[.free] }
      guard used > 0 else { continue }
      let room = region.blocks.indices.reduce(0) { sum, block in
        let other = region.blocks[block]
        let stays = other.state == .online && other.kind == kind && !going.contains(block)
        return sum + (stays ? other.counts[.free] : 0)
      }
      guard used <= room else {
        throw .promised(
          going[0], bytes: bytes(used), roomBytes: bytes(room), holder: largestHolder(in: going))
      }
    }
    return leaving
  }

  /// Who has most of the frames of some blocks. O(frames of the blocks).
  private func largestHolder(in blocks: [Int]) -> PinHolder? {
    var frames: [UInt32: Int] = [:]  // by the session's slot
    for block in blocks {
      for index in region.frames(ofBlock: block) {
        let state = region[index].state
        if state != .free && state != .isolated { frames[region[index].session, default: 0] += 1 }
      }
    }
    guard let most = frames.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return nil }
    let session = sessions[Int(most.key)]
    return PinHolder(session: session.id, process: session.process, frames: most.value)
  }

  /// A block that goes offline stays, with everything that is still there. False if it does not go,
  /// or if nothing is left in it: its memory is being given back then, and it ends offline.
  package mutating func keepBlock(
    _ block: Int, _ now: Instant, _ effects: inout [Effect]
  ) -> Bool {
    see(now)
    guard region.state(ofBlock: block) == .goingOffline, !region.blocks[block].isEmptied else {
      return false
    }
    endLeaving(block, .cancelled, now, &effects)
    return true
  }

  private mutating func endLeaving(
    _ block: Int, _ failure: BlockFailure, _ now: Instant, _ effects: inout [Effect]
  ) {
    region.endLeaving(block, failure)
    blockChanged(block, now, &effects)
  }

  /// What follows from a block's new state, for everybody else.
  private mutating func blockChanged(
    _ block: Int, _ now: Instant, _ effects: inout [Effect]
  ) {
    noteBlock(block)
    configuration.scale(watermarks, usable: region.usable)
    effects.append(.blockChanged(block, region.state(ofBlock: block)))
    if region.hasCarvingWork { effects.append(.carve) }
    guard !isStopping else { return }
    endHopelessWaiters(now, &effects)
    serveFrameQueue(now, &effects)
  }

  private mutating func noteBlock(_ block: Int) {
    noteBlockState(block)
    guard configuration.keepsLedger else { return }
    let found = region.blocks[block]
    ledgerOperations.append(
      .block(block, BlockRecord(state: found.state, kind: found.kind, deadline: found.deadline)))
  }

  // MARK: emptying

  mutating func lookAgain(_ block: Int, _ now: Instant, _ effects: inout [Effect]) {
    region.blocks[block].isLookDue = false
    if !isStopping { advanceBlock(block, now, &effects) }
  }

  /// The bound of a block has come. One that is emptied is not given up any more: it ends when its
  /// memory is given back.
  mutating func giveUp(_ block: Int, _ now: Instant, _ effects: inout [Effect]) {
    guard region.state(ofBlock: block) == .goingOffline, region.blocks[block].deadline <= now,
      !region.blocks[block].isEmptied, !isStopping
    else { return }
    endLeaving(block, .timedOut, now, &effects)
  }

  /// Looks at the next frames of a leaving block, and at the whole of it by and by.
  private mutating func advanceBlock(
    _ block: Int, _ now: Instant, _ effects: inout [Effect]
  ) {
    guard region.state(ofBlock: block) == .goingOffline else { return }
    if !region.blocks[block].isEmptied {
      let frames = region.frames(ofBlock: block)
      for _ in 0..<min(Self.looksPerEvent, frames.count) {
        guard region.blocks[block].jobsInFlight < Self.jobsPerBlock,
          region.state(ofBlock: block) == .goingOffline, !region.blocks[block].isEmptied
        else { break }
        let index = frames.lowerBound + region.blocks[block].cursor
        region.blocks[block].cursor = (region.blocks[block].cursor + 1) % frames.count
        leave(index, of: block, &effects)
      }
    }
    if region.hasCarvingWork { effects.append(.carve) }
    finishLeaving(block, now, &effects)
    awaitLook(block, now)
  }

  private mutating func awaitLook(_ block: Int, _ now: Instant) {
    guard region.state(ofBlock: block) == .goingOffline, !region.blocks[block].isLookDue else {
      return
    }
    region.blocks[block].isLookDue = true
    insertDeadline(.block(block), at: now.adding(milliseconds: Self.blockRetryMilliseconds))
  }

  /// Blocks that were going offline when a daemon died go on with it, until the same time.
  mutating func goOnLeaving(_ now: Instant) {
    for block in region.blocks.indices where region.state(ofBlock: block) == .goingOffline {
      region.blocks[block].cursor = 0
      region.finishEmptying(block)
      awaitLook(block, now)
      insertDeadline(.blockEnd(block), at: region.blocks[block].deadline)
    }
  }

  /// Frees one frame of a leaving block, or starts what will free it, if that can be done now.
  private mutating func leave(_ index: Int, of block: Int, _ effects: inout [Effect]) {
    let device = region[index]
    guard device.state == .device || device.state == .reserved else { return }
    let slot = Int(device.session)
    let arenaFrame = Int(device.arenaFrame)
    guard !sessions[slot].isEnding,
      !sessions[slot].arena.allocation(ofFrame: arenaFrame).isDying
    else { return }
    // Nothing is placed in a reserved frame: any kind will do, though its own leaves others theirs.
    let kind = region.blocks[block].kind
    if hasRoomElsewhere,
      let new = region.exchange(index, kind: kind)
        ?? (device.state == .reserved ? region.exchange(index, kind: nil) : nil)
    {
      sessions[slot].arena.setDeviceFrame(arenaFrame, new)
      return
    }
    guard configuration.oversubscribe else { return }
    because = Origin(.blockOffline)
    let frame = sessions[slot].arena.frames[arenaFrame]
    if device.state == .reserved {
      if frame.pins == 0 { stealReservation(slot, arenaFrame) }
    } else if frame.pins > 0 {
      takeWord(slot, Int(frame.allocation))
    } else if !sessions[slot].isPaused {
      let started = evictRun(
        slot, around: arenaFrame, within: 0..<sessions[slot].arena.frames.count, block: block,
        &effects)
      region.blocks[block].jobsInFlight += started.jobs
    }
  }

  /// Whether a frame may go to another block without causing an eviction there.
  var hasRoomElsewhere: Bool {
    guard configuration.oversubscribe else { return region.free > 0 }
    return region.free > max(configuration.lowFrames, configuration.reserveFrames)
  }

  /// A job that was started to empty a block has ended. What it evicted goes on to another block if
  /// there is room, of whatever kind.
  mutating func blockJobEnded(
    _ job: Job, _ outcome: JobOutcome, _ now: Instant, _ effects: inout [Effect]
  ) {
    guard let block = job.block, region.blocks.indices.contains(block) else { return }
    // A block that leaves anew since counts from 0.
    region.blocks[block].jobsInFlight = max(region.blocks[block].jobsInFlight - 1, 0)
    if outcome == .done, let slot = sessions.slot(of: job.session), !sessions[slot].isEnding,
      !sessions[slot].isPaused, !isStopping
    {
      var run = RestoreRun(
        session: job.session, limit: configuration.runFrames, origin: Origin(.blockOffline))
      for index in job.first..<job.end {
        let frame = sessions[slot].arena.frames[index]
        guard hasRoomElsewhere, frame.isAllocated, frame.place == .stored, !frame.staysInHost,
          !sessions[slot].arena.allocation(ofFrame: index).isDying
        else { continue }
        run.add(index, beginRestore(slot, index, toDevice: true), &effects)
      }
      run.finish(&effects)
    }
    advanceBlock(block, now, &effects)
  }

  /// A leaving block whose memory is given back, all of it, is offline.
  mutating func finishLeaving(_ block: Int, _ now: Instant, _ effects: inout [Effect]) {
    if region.leavingBlocks > 0, region.finishLeaving(block) { blockChanged(block, now, &effects) }
  }
}

/// Why an order about a block is refused.
package enum BlockFault: Error, Equatable, Sendable {
  case noSuchBlock(Int)
  case beyondRegion(Int, maximumBlocks: Int)
  case tooMany(asked: Int, absent: Int, maximumBlocks: Int)
  case wrongState(Int, BlockState, needed: BlockState)
  /// It is there, but of another kind of memory.
  case otherKind(Int, BlockState)
  /// Without oversubscription what was admitted stays on the device, and would not fit.
  case promised(Int, bytes: UInt64, roomBytes: UInt64, holder: PinHolder?)
}

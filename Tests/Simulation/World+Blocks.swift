// Memory blocks come and go, by an administrator's orders, while everything else goes on.

import CoherentWire

@testable import CoherentCore

extension World {
  /// The worker that commits memory for blocks, and one order in several.
  func plugSomething() throws {
    if let block = plug.committed {
      plug.committed = nil
      return try bringOnline(block)
    }
    guard !isQuiet else { return }
    let block = random.below(core.maximumBlocks)
    switch core.blockState(block) {
    case .absent:
      let kind = MemoryKind(rawValue: UInt8(random.below(setting.kinds)))
      try event { core, _ in
        _ = try core.addBlocks([block], kind, now)
      }
    case .offline:
      if random.once(in: 4) {
        try event { core, _ in try core.removeBlock(block, now) }
      } else {
        for frame in framesOf(block: block) { carver.isFilled[frame] = true }
        plug.committed = block
      }
    case .online: try takeOffline(block)
    case .goingOffline:
      if random.once(in: 8) {
        let isEmptied = core.region.blocks[block].isEmptied
        let stays = try event { core, effects in core.keepBlock(block, now, &effects) }
        try law(stays != isEmptied, "a block that goes offline can be kept until it is empty")
        tally.blocksKept += stays ? 1 : 0
      }
    }
  }

  /// Unless the daemon died meanwhile, and gave the memory back.
  private func bringOnline(_ block: Int) throws {
    try event { core, effects in core.broughtOnline(block, now, &effects) }
    try law(core.blockState(block) == .online, "a block whose memory is there comes online")
    tally.blocksOnlined += 1
  }

  private func takeOffline(_ block: Int) throws {
    let timeout = UInt32(random.below(40))
    do {
      let leaving = try event { core, effects in
        try core.offlineBlocks([block], timeoutMilliseconds: timeout, now, &effects)
      }
      try law(leaving == [block], "an online block goes offline when it is told to")
      plug.deadlines[block] = now.adding(milliseconds: timeout)
    } catch BlockFault.promised {
      try law(!setting.core.oversubscribe, "only what was promised to stay keeps a block")
    }
  }

  private func framesOf(block: Int) -> Range<Int> {
    block * core.blockFrames..<(block + 1) * core.blockFrames
  }

  /// The core says that a block is in another state.
  func noteBlock(_ block: Int, _ state: BlockState) throws {
    switch state {
    case .offline:
      tally.blocksOfflined += 1
      try law(
        framesOf(block: block).allSatisfy { !carver.isFilled[$0] },
        "a block that is offline holds no memory")
    case .online:
      // Who was given up is not before its time.
      if let deadline = plug.deadlines[block], core.region.blocks[block].lastFailure == .timedOut {
        try law(deadline <= now, "a block is not given up early")
        tally.blocksGivenUp += 1
      }
    case .absent, .goingOffline: break
    }
    if state != .goingOffline { plug.deadlines[block] = nil }
  }

  /// The bound of every block that goes offline: then it is offline, or online again.
  func checkBlockBounds() throws {
    for (block, deadline) in plug.deadlines where core.blockState(block) == .goingOffline {
      try law(
        deadline > now || core.region.blocks[block].isEmptied,
        "a block is offline by its time, or online again")
    }
  }

  /// The memory of each frame on the device is that of its block.
  func checkKinds(_ client: SimulatedClient, _ session: Session) throws {
    for (index, frame) in session.arena.frames.enumerated() where frame.place == .device {
      guard !session.arena.allocation(ofFrame: index).isDying else { continue }
      let kind = core.region.kind(ofFrame: Int(frame.deviceFrame))
      try law(
        client.memory.frames[index].target == .device(kind),
        "a frame lies in its block's memory: \(index), \(client.memory.frames[index])")
    }
  }

  /// What is committed at rest is the sum of the blocks that are online.
  func checkCommitted() throws {
    let online = core.region.blocks.indices.count { core.blockState($0) == .online }
    let frames = online * core.blockFrames
    let placed = core.status().places[.device]
    try law(
      carver.isFilled.count { $0 } + placed == frames,
      "committed memory is the sum of the online blocks")
    try law(core.region.online == frames, "the device is its online blocks")
  }

  /// What the next daemon does first: the memory of blocks that are not online is given back.
  func punchOfflineBlocks() {
    plug.committed = nil
    for block in 0..<core.maximumBlocks {
      let state = ledger.blocks.indices.contains(block) ? ledger.blocks[block].state : .absent
      guard state == .offline || state == .absent else { continue }
      for frame in framesOf(block: block) { carver.isFilled[frame] = false }
    }
  }
}

/// What the simulator knows of blocks beside the core.
struct SimulatedPlug {
  /// A block whose memory is committed, and that the core was not told of yet.
  var committed: Int?
  var deadlines: [Int: Instant] = [:]
}

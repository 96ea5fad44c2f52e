// Orders about memory blocks, performed by the block worker's thread. Each is done as a whole, or
// nothing of it is; what was so already is counted, and no error.

import CoherentControl
import CoherentCore
import CoherentSystem
import CoherentWire

final class BlockOrders {
  // SAFETY: used by the block worker's thread only.
  private let performer: Performer
  private let heartbeat: Heartbeat
  private let refuseLate: () -> Void
  private let placement: ThreadPlacement
  /// Nobody signals it: for pauses.
  private let lock = Lock()
  private let paused: Condition

  private var region: RegionFile { performer.housekeeper.region }

  init(_ performer: Performer, _ heartbeat: Heartbeat, refuseLate: @escaping () -> Void) {
    self.performer = performer
    self.heartbeat = heartbeat
    self.refuseLate = refuseLate
    placement = ThreadPlacement(performer.nodes, performer.log)
    paused = Condition(lock: lock)
  }

  // MARK: coming

  /// Adds blocks, offline. Without a node of the order's own, new ones are on `usualNode`.
  func add(
    _ order: AddBlocksOrder, usualNode: Int?
  ) throws(ControlError) -> BlockChangeReport {
    try checkServing()
    let blocks: [Int]
    if let named = order.blocks {
      blocks = named
    } else {
      blocks = try absentBlocks(order.count ?? 0)
    }
    let there = Set(blocks.filter { state($0) != .absent })
    // What is there already keeps its node, unless another one is asked for.
    let asked = order.node == nil ? blocks.filter { !there.contains($0) } : blocks
    guard !asked.isEmpty else { return BlockChangeReport(changed: [], already: blocks) }
    let kind = try kind(ofNode: order.node ?? usualNode)
    // A node whose blocks are refused is no device's.
    defer { releaseNodes() }
    let added = try translating { () throws(BlockFault) in
      try step { core, now, _ throws(BlockFault) in try core.addBlocks(asked, kind, now) }
    }
    return report(blocks, changed: added)
  }

  private func absentBlocks(_ count: Int) throws(ControlError) -> [Int] {
    try translating { () throws(BlockFault) in
      try step { core, _, _ throws(BlockFault) in try core.absentBlocks(count) }
    }
  }

  private func kind(ofNode node: Int?) throws(ControlError) -> MemoryKind {
    guard let node else { return .unbound }
    do throws(BindingError) {
      return try performer.nodes.kind(ofNode: node)
    } catch {
      throw .refused(.init(reason: "noSuchNode", message: "\(error)"))
    }
  }

  /// Forgets the nodes that no block is bound to.
  private func releaseNodes() {
    performer.nodes.release(except: performer.engine.look { core, _ in core.kindsOfBlocks })
  }

  /// Commits the memory of blocks that are offline, all of it or none, and brings them online.
  /// Those that are going offline stay, whatever comes of the others; but one that is empty already
  /// is offline soon, and its memory is committed as any other's.
  func online(_ order: BlocksOrder) throws(ControlError) -> BlockChangeReport {
    try checkServing()
    for block in order.blocks where state(block) == .absent {
      throw .noSuchBlock(.init(block: block))
    }
    for block in order.blocks { try awaitOffline(ifEmptied: block) }
    do throws(RegionError) {
      try checkMemory(order.blocks.filter { state($0) == .offline })
    } catch {
      throw ControlError(error)
    }
    let kept = step { core, now, effects in
      order.blocks.filter { core.keepBlock($0, now, &effects) }
    }
    // Who became empty meanwhile was not kept.
    for block in order.blocks { try awaitOffline(ifEmptied: block) }
    let offline = order.blocks.filter { state($0) == .offline }
    try commit(offline)
    KillPoint.reached(.afterBlockCommit)
    step { core, now, effects in
      for block in offline { core.broughtOnline(block, now, &effects) }
    }
    KillPoint.reached(.afterBlockOnline)
    return report(order.blocks, changed: kept + offline)
  }

  private static let emptyingNanoseconds: UInt64 = 60_000_000_000
  private static let pauseNanoseconds: UInt64 = 1_000_000

  private func pause() {
    lock.withLock {
      _ = paused.wait(untilNanoseconds: Clock.monotonicNanoseconds() + Self.pauseNanoseconds)
    }
  }

  private func isEmptied(_ block: Int) -> Bool {
    performer.engine.look { core, _ in core.isEmptied(block) }
  }

  /// Waits until the memory of an emptied block is given back, which the housekeeper does. Bounded.
  private func awaitOffline(ifEmptied block: Int) throws(ControlError) {
    let latest = Clock.monotonicNanoseconds() + Self.emptyingNanoseconds
    while isEmptied(block) {
      try checkServing()
      guard Clock.monotonicNanoseconds() < latest else {
        throw ControlError(BlockFault.wrongState(block, .goingOffline, needed: .offline))
      }
      pause()
      beatOnce()
    }
  }

  private func commit(_ blocks: [Int]) throws(ControlError) {
    var committed: [Int] = []
    do throws(RegionError) {
      try checkMemory(blocks)
      for block in blocks {
        try region.commit(block, kind(of: block), placement) { beat() }
        committed.append(block)
      }
    } catch {
      for block in committed { region.giveBack(block) }
      throw ControlError(error)
    }
  }

  /// All of it has to be there before any of it is taken.
  private func checkMemory(_ blocks: [Int]) throws(RegionError) {
    for kind in Set(blocks.map { self.kind(of: $0) }) {
      let count = blocks.count { self.kind(of: $0) == kind }
      try performer.nodes.checkMemory(
        for: PluralText.count(count, "block"), kind, UInt64(count) * region.blockBytes)
    }
  }

  // MARK: going

  /// Has blocks go offline, and returns when they are going.
  func offline(_ order: OfflineOrder) throws(ControlError) -> BlockChangeReport {
    try checkServing()
    let leaving = try translating { () throws(BlockFault) in
      try step { core, now, effects throws(BlockFault) in
        try core.offlineBlocks(
          order.blocks, timeoutMilliseconds: order.timeoutMilliseconds, now, &effects)
      }
    }
    return report(order.blocks, changed: leaving)
  }

  /// Forgets blocks that are offline.
  func remove(_ order: BlocksOrder) throws(ControlError) -> BlockChangeReport {
    try checkServing()
    for block in order.blocks {
      let state = state(block)
      guard state == .offline || state == .absent else {
        throw ControlError(BlockFault.wrongState(block, state, needed: .offline))
      }
    }
    let there = order.blocks.filter { state($0) == .offline }
    for block in there {
      try translating { () throws(BlockFault) in
        try step { core, now, _ throws(BlockFault) in try core.removeBlock(block, now) }
      }
    }
    releaseNodes()
    return report(order.blocks, changed: there)
  }

  // MARK: looking

  /// Looks where the memory of all bound blocks lies, and that of evicted data.
  func check() throws(ControlError) -> BlockCheck {
    let blocks = performer.engine.look { core, _ in
      core.blocks(from: 0, limit: .max).list.filter { $0.state.isCounted }
        .map { (block: $0.block, kind: $0.kind) }
    }
    do throws(RegionError) {
      return try BlockCheck(blocks, performer) { self.beatOnce() }
    } catch {
      throw ControlError(error)
    }
  }

  // MARK: helpers

  private func state(_ block: Int) -> CoherentCore.BlockState {
    performer.engine.look { core, _ in core.blockState(block) }
  }

  private func kind(of block: Int) -> MemoryKind {
    performer.engine.look { core, _ in core.blockKind(block) }
  }

  private func report(_ blocks: [Int], changed: [Int]) -> BlockChangeReport {
    BlockChangeReport(changed: changed.sorted(), already: blocks.filter { !changed.contains($0) })
  }

  /// A sign of life in the middle of something long; orders that waited too long for it hear of it.
  private func beatOnce() {
    heartbeat.beat()
    refuseLate()
  }

  /// The same. False if it is to be left, since the daemon
  /// stops.
  private func beat() -> Bool {
    beatOnce()
    return performer.engine.look { core, _ in !core.isStopping }
  }

  private func checkServing() throws(ControlError) {
    guard performer.engine.look({ core, _ in !core.isStopping }) else {
      throw .refused(.init(reason: "regionGoingOffline", message: "the daemon is stopping"))
    }
  }

  /// One event of the core, with what follows from it.
  @discardableResult
  private func step<Answer, Failure>(
    _ event: (inout Core, Instant, inout [Effect]) throws(Failure) -> Answer
  ) throws(Failure) -> Answer {
    var effects: [Effect] = []
    let result = performer.engine.step(&effects) { core, now, effects -> Result<Answer, Failure> in
      do throws(Failure) {
        return .success(try event(&core, now, &effects))
      } catch {
        return .failure(error)
      }
    }
    performer.perform(&effects)
    return try result.get()
  }

  private func translating<Answer>(
    _ body: () throws(BlockFault) -> Answer
  ) throws(ControlError) -> Answer {
    do throws(BlockFault) {
      return try body()
    } catch {
      throw ControlError(error)
    }
  }
}

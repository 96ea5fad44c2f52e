// Orders about memory blocks, and the worker and the carver that they need.

import CoherentWire

@testable import CoherentCore

extension CoreHarness {
  mutating func add(
    _ blocks: [Int], _ kind: MemoryKind = .unbound
  ) throws(BlockFault) -> [Int] { try core.addBlocks(blocks, kind, now) }

  mutating func remove(_ block: Int) throws(BlockFault) { try core.removeBlock(block, now) }

  /// The worker has committed the memory of an offline block.
  mutating func online(_ block: Int) {
    effects = []
    core.broughtOnline(block, now, &effects)
    collectJobs()
  }

  @discardableResult
  mutating func offline(_ blocks: [Int], timeout: UInt32 = 1000) throws(BlockFault) -> [Int] {
    effects = []
    let leaving = try core.offlineBlocks(
      blocks, timeoutMilliseconds: timeout, now, &effects)
    collectJobs()
    return leaving
  }

  /// Why an order is refused; nil if it is not.
  mutating func fault<Result>(
    _ order: (inout CoreHarness) throws -> Result
  ) -> BlockFault? {
    do {
      _ = try order(&self)
      return nil
    } catch {
      return error as? BlockFault
    }
  }

  mutating func keep(_ block: Int) -> Bool {
    effects = []
    defer { collectJobs() }
    return core.keepBlock(block, now, &effects)
  }

  /// The housekeeper carves all that there is to carve.
  mutating func carve() {
    effects = []
    while true {
      let works = core.takeCarvingWork(limit: 16)
      if works.isEmpty { break }
      for work in works { core.carved(work, succeeded: true, now, &effects) }
    }
    collectJobs()
  }

  /// Allocations explained, all of their frames; one at a time, as nobody would ask.
  func explain(session: SessionID?, handle: HandleID) -> [Explanation] {
    var found = core.explain(session: session, handle: handle)
    for index in found.indices { while core.explainMore(&found[index], limit: 1) {} }
    return found
  }

  /// The block of a frame's device frame.
  func blockOf(frame index: Int) -> Int {
    let slot = core.sessions.slot(of: client) ?? 0
    return core.region.block(ofFrame: Int(core.sessions[slot].arena.frames[index].deviceFrame))
  }

  func target(_ index: Int) -> FillTarget {
    core.target(core.sessions.slot(of: client) ?? 0, index)
  }

  /// Takes and touches all memory that is free, and keeps it in place.
  mutating func hold(block: Int) throws {
    let frames = core.region.free
    let handle = try given(frames)
    for frame in 0..<frames { touch(frame) }
    ask(
      .pin(Self.range(handle, 0..<frames), leaseMilliseconds: 5000, timeoutMilliseconds: 0))
  }
}

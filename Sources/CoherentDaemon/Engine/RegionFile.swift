// The region: the device's memory file. The memory of a block is committed before the block comes
// online, so that the capacity that is announced exists. Its descriptor never leaves the daemon.

import CoherentCore
import CoherentShared
import CoherentSystem
import CoherentWire

final class RegionFile: Sendable {
  let file: MemoryFile
  private let frameBytes: UInt64
  let blockBytes: UInt64
  /// Knows which frames the file holds; nil where nothing outlives the daemon.
  private let ledger: Ledger?
  let nodes: DeviceNodes
  let hugePages: HugePages

  /// Makes the file, with room for all blocks that there may ever be, and no memory yet. Throws
  /// what is missing for the first `blocks` of them, of one kind, before anything is taken.
  static func create(
    _ geometry: RegionGeometry, blocks: Int, _ kind: MemoryKind, _ nodes: DeviceNodes
  ) throws(RegionError) -> MemoryFile {
    try nodes.checkMemory(for: "the region", kind, UInt64(blocks) * geometry.blockBytes)
    do throws(SystemError) {
      let file = try MemoryFile(
        name: "coherent-region", sizeBytes: UInt64(geometry.blocks) * geometry.blockBytes)
      try file.seal()
      return file
    } catch {
      throw .system(error)
    }
  }

  /// A region that holds the memory of its first `blocks` blocks.
  init(
    filling file: consuming MemoryFile, _ geometry: RegionGeometry, blocks: Int,
    _ kind: MemoryKind, _ nodes: DeviceNodes, _ hugePages: HugePages, ledger: Ledger?,
    _ thread: ThreadPlacement
  ) throws(RegionError) {
    self.ledger = ledger
    self.nodes = nodes
    self.hugePages = hugePages
    frameBytes = geometry.frameBytes
    blockBytes = geometry.blockBytes
    self.file = file
    for block in 0..<blocks { try commit(block, kind, thread) }
  }

  // MARK: blocks

  /// How much is committed without a sign of life.
  private static let stepBytes: UInt64 = 64 << 20

  /// Commits the memory of a block that is offline: on the kind's node, if it is bound to one, and
  /// in huge pages if those are wanted; both are looked at afterwards. Throws if there is not so
  /// much of it; then it holds none of it. `beat` is called as it goes on, and ends it with false.
  func commit(
    _ block: Int, _ kind: MemoryKind, _ thread: ThreadPlacement, beat: () -> Bool = { true }
  ) throws(RegionError) {
    try nodes.checkMemory(for: "block \(block)", kind, blockBytes)
    do {
      let start = UInt64(block) * blockBytes
      for offset in stride(from: start, to: start + blockBytes, by: Int(Self.stepBytes)) {
        let length = min(Self.stepBytes, start + blockBytes - offset)
        try thread.allocating(for: .device(kind)) { () throws(SystemError) in
          try file.fill(offsetBytes: offset, lengthBytes: length)
        }
        guard beat() else { throw RegionError.stopping }
      }
      ledger?.note(filled: true, frames(block))
      try verify(block, kind) { _ = beat() }
    } catch {
      giveBack(block)
      throw (error as? RegionError) ?? (error as? SystemError).map { .system($0) }!
    }
  }

  /// Gives the memory of a block back that is offline.
  func giveBack(_ block: Int) {
    ledger?.note(filled: false, frames(block))
    try? file.punch(offsetBytes: UInt64(block) * blockBytes, lengthBytes: blockBytes)
  }

  private func frames(_ block: Int) -> Range<Int> {
    let count = Int(blockBytes / frameBytes)
    return block * count..<(block + 1) * count
  }

  /// The region of the daemon before. What it does not mark as filled is punched, since that one
  /// may have died before it did.
  init(
    adopting file: consuming MemoryFile, _ ledger: Ledger, filled: [Bool], _ nodes: DeviceNodes,
    _ hugePages: HugePages
  ) throws(SystemError) {
    self.ledger = ledger
    self.nodes = nodes
    self.hugePages = hugePages
    frameBytes = ledger.geometry.frameBytes
    blockBytes = ledger.geometry.blockBytes
    self.file = file
    var index = 0
    while index < filled.count {
      let first = index
      while index < filled.count, filled[index] == filled[first] { index += 1 }
      guard !filled[first] else { continue }
      try self.file.punch(
        offsetBytes: UInt64(first) * frameBytes, lengthBytes: UInt64(index - first) * frameBytes)
    }
    let known = UInt64(filled.count) * frameBytes
    if known < ledger.geometry.regionBytes {
      try self.file.punch(
        offsetBytes: known, lengthBytes: ledger.geometry.regionBytes - known)
    }
  }

  /// For the store.
  func keep(_ keeper: SessionKeeper) -> Bool { keeper.keepRegion(file) }

  /// Carries out carving work; returns the failure, nil if there was none.
  func carve(_ work: CarvingWork, _ thread: ThreadPlacement) -> SystemError? {
    let offset = UInt64(work.first) * frameBytes
    let length = UInt64(work.count) * frameBytes
    KillPoint.reached(.beforeCarve)
    do throws(SystemError) {
      if work.fills {
        try thread.allocating(for: .device(work.kind)) { () throws(SystemError) in
          try file.fill(offsetBytes: offset, lengthBytes: length)
        }
        KillPoint.reached(.betweenCarves)
        ledger?.note(filled: true, work.first..<work.end)
      } else {
        ledger?.note(filled: false, work.first..<work.end)
        KillPoint.reached(.betweenCarves)
        try file.punch(offsetBytes: offset, lengthBytes: length)
      }
      KillPoint.reached(.afterCarve)
      return nil
    } catch {
      return error
    }
  }

  func committedBytes() -> UInt64 { (try? file.committedBytes()) ?? 0 }
}

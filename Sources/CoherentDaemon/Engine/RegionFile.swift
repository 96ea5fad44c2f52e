// The region: the device's memory file. The memory of a block is committed before the block comes
// online, so that the capacity that is announced exists. Its descriptor never leaves the daemon.

import CoherentCore
import CoherentShared
import CoherentSystem
import CoherentWire

final class RegionFile: Sendable {
  private let file: MemoryFile
  private let frameBytes: UInt64
  private let blockBytes: UInt64
  /// Knows which frames the file holds; nil where nothing outlives the daemon.
  private let ledger: Ledger?

  /// Makes the file, with room for all blocks that there may ever be, and no memory yet. Throws what
  /// is missing for the first `blocks` of them before anything is taken.
  static func create(_ geometry: RegionGeometry, blocks: Int) throws(RegionError) -> MemoryFile {
    try checkHost(UInt64(blocks) * geometry.blockBytes)
    do throws(SystemError) {
      let file = try MemoryFile(
        name: "coherent-region", sizeBytes: UInt64(geometry.blocks) * geometry.blockBytes)
      try file.seal()
      return file
    } catch {
      throw .system(error)
    }
  }

  /// A host that has not the memory is told so, not driven into the out-of-memory killer.
  static func checkHost(_ wantedBytes: UInt64) throws(RegionError) {
    let availableBytes: UInt64
    do throws(SystemError) {
      availableBytes = try HostMemory.availableBytes()
    } catch {
      throw .system(error)
    }
    guard wantedBytes <= availableBytes else {
      throw .hostTooSmall(wantedBytes: wantedBytes, availableBytes: availableBytes)
    }
  }

  /// A region that holds the memory of its first `blocks` blocks.
  init(
    filling file: consuming MemoryFile, _ geometry: RegionGeometry, blocks: Int, ledger: Ledger?
  ) throws(RegionError) {
    self.ledger = ledger
    frameBytes = geometry.frameBytes
    blockBytes = geometry.blockBytes
    self.file = file
    for block in 0..<blocks { try commit(block) }
  }

  // MARK: blocks

  var bytesOfBlock: UInt64 { blockBytes }

  /// Commits the memory of a block that is offline. Throws if the host has not so much; then it holds
  /// none of it.
  func commit(_ block: Int) throws(RegionError) {
    do throws(SystemError) {
      try file.fill(offsetBytes: UInt64(block) * blockBytes, lengthBytes: blockBytes)
    } catch {
      giveBack(block)
      throw .system(error)
    }
    ledger?.note(filled: true, frames(block))
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
    adopting file: consuming MemoryFile, _ ledger: Ledger, filled: [Bool]
  ) throws(SystemError) {
    self.ledger = ledger
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
  func keep(_ keeper: SessionKeeper) { keeper.keepRegion(file) }

  /// Carries out carving work; returns the failure, nil if there was none.
  func carve(_ work: CarvingWork) -> SystemError? {
    let offset = UInt64(work.first) * frameBytes
    let length = UInt64(work.count) * frameBytes
    KillPoint.reached(.beforeCarve)
    do throws(SystemError) {
      if work.fills {
        try file.fill(offsetBytes: offset, lengthBytes: length)
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

enum RegionError: Error, CustomStringConvertible {
  case hostTooSmall(wantedBytes: UInt64, availableBytes: UInt64)
  case system(SystemError)

  var description: String {
    switch self {
    case .hostTooSmall(let wanted, let available):
      "the region needs \(SizeText.render(wanted)) of host memory, \(SizeText.render(available)) "
        + "are available, \(SizeText.render(wanted - available)) are missing; "
        + "lower Blocks= or BlockSize= in [Region], or free host memory"
    case .system(let error): "cannot make the region: \(error)"
    }
  }
}

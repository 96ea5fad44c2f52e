// The region: the device's memory file, committed when the daemon starts, so that the capacity it
// announces exists. Its descriptor never leaves the daemon.

import CoherentCore
import CoherentShared
import CoherentSystem
import CoherentWire

final class RegionFile: Sendable {
  private let file: MemoryFile
  private let frameBytes: UInt64
  /// Knows which frames the file holds; nil where nothing outlives the daemon.
  private let ledger: Ledger?

  /// Makes the file, and not its memory yet. Throws what is missing before anything is taken: a
  /// host that has not the memory is told so, not driven into the out-of-memory killer.
  static func create(_ geometry: RegionGeometry) throws(RegionError) -> MemoryFile {
    let wanted = UInt64(geometry.blocks) * geometry.blockBytes
    let availableBytes: UInt64
    do throws(SystemError) {
      availableBytes = try HostMemory.availableBytes()
      if wanted <= availableBytes {
        let file = try MemoryFile(name: "coherent-region", sizeBytes: wanted)
        try file.seal()
        return file
      }
    } catch {
      throw .system(error)
    }
    throw .hostTooSmall(wantedBytes: wanted, availableBytes: availableBytes)
  }

  /// A region that holds all of its memory.
  init(
    filling file: consuming MemoryFile, _ geometry: RegionGeometry, ledger: Ledger?
  ) throws(RegionError) {
    self.ledger = ledger
    frameBytes = geometry.frameBytes
    do throws(SystemError) {
      for block in 0..<geometry.blocks {
        try file.fill(
          offsetBytes: UInt64(block) * geometry.blockBytes, lengthBytes: geometry.blockBytes)
      }
    } catch {
      throw .system(error)
    }
    if let ledger { ledger.note(filled: true, 0..<ledger.geometry.regionFrames) }
    self.file = file
  }

  /// The region of the daemon before. What it does not mark as filled is punched, since that one
  /// may have died before it did.
  init(
    adopting file: consuming MemoryFile, _ ledger: Ledger, filled: [Bool]
  ) throws(SystemError) {
    self.ledger = ledger
    frameBytes = ledger.geometry.frameBytes
    self.file = file
    var index = 0
    while index < filled.count {
      let first = index
      while index < filled.count, filled[index] == filled[first] { index += 1 }
      guard !filled[first] else { continue }
      try self.file.punch(
        offsetBytes: UInt64(first) * frameBytes, lengthBytes: UInt64(index - first) * frameBytes)
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

// The region: the device's memory file, committed when the daemon starts, so that the capacity it
// announces exists. Its descriptor never leaves the daemon.

import CoherentCore
import CoherentSystem
import CoherentWire

final class RegionFile: Sendable {
  private let file: MemoryFile
  private let frameBytes: UInt64

  /// Makes the file and fills its blocks. Throws what is missing before anything is taken: a host
  /// that has not the memory is told so, not driven into the out-of-memory killer.
  init(blocks: Int, blockBytes: UInt64, frameBytes: UInt64) throws(RegionError) {
    self.frameBytes = frameBytes
    let wanted = UInt64(blocks) * blockBytes
    let available: UInt64
    do throws(SystemError) {
      available = try HostMemory.availableBytes()
      file = try MemoryFile(name: "coherent-region", sizeBytes: wanted)
      try file.seal()
    } catch {
      throw .system(error)
    }
    guard wanted <= available else {
      throw .hostTooSmall(wantedBytes: wanted, availableBytes: available)
    }
    do throws(SystemError) {
      for block in 0..<blocks {
        try file.fill(offsetBytes: UInt64(block) * blockBytes, lengthBytes: blockBytes)
      }
    } catch {
      throw .system(error)
    }
  }

  /// Carries out carving work; returns the failure, nil if there was none.
  func carve(_ work: CarvingWork) -> SystemError? {
    let offset = UInt64(work.first) * frameBytes
    let length = UInt64(work.count) * frameBytes
    do throws(SystemError) {
      if work.fills {
        try file.fill(offsetBytes: offset, lengthBytes: length)
      } else {
        try file.punch(offsetBytes: offset, lengthBytes: length)
      }
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

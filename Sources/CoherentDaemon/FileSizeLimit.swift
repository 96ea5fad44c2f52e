// The limit of file sizes that the daemon was started with (ulimit -f, LimitFSIZE=). Memory files
// are files to it: one that is too small would make the region, or a client's evicted data,
// impossible. So it is raised as far as may be, and found too small before anything is promised.

import CoherentShared
import CoherentSystem
import CoherentWire

struct FileSizeLimit: Error, CustomStringConvertible {
  let limitBytes: UInt64
  let neededBytes: UInt64

  /// Throws where the files of this configuration would be larger than they may be.
  static func check(_ configuration: Configuration) throws {
    Process.ignoreFileSizeSignal()
    guard let limit = try ResourceLimit.fileSize.raise() else { return }
    let region = configuration.blockSizeBytes * UInt64(configuration.maximumBlocks)
    let session = SessionFileLayout(
      arenaBytes: configuration.arenaSizeBytes,
      controlSlots: UInt32(clamping: configuration.maximumAllocationsPerSession))
    let needed = max(region, session.fileBytes)
    guard limit < needed else { return }
    throw FileSizeLimit(limitBytes: limit, neededBytes: needed)
  }

  var description: String {
    "files of this process may have \(HumanSize(limitBytes)) at most, and its memory files need "
      + "\(HumanSize(neededBytes)): a higher limit (LimitFSIZE= of the unit, ulimit -f), "
      + "fewer MaximumBlocks=, or a smaller arena (Size= in [Arena]) would help"
  }
}

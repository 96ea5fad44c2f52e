// The daemon's memory files as the kernel sees them, opened again through /proc/PID/fd: what they
// have committed (st_blocks) and where they have data (SEEK_DATA, SEEK_HOLE). Of a session's file
// only arena and host store count: the pages of its control memory are those that were touched.

import CoherentSystem
import Glibc

struct MemoryFiles {
  struct File {
    let name: String
    let committedBytes: UInt64
    let dataBytes: UInt64
    let sizeBytes: UInt64
  }

  let files: [File]

  /// As `DaemonSettings` has it.
  private static let arenaBytes: UInt64 = 64 << 20

  init(process: Int32) throws {
    var files: [File] = []
    let directory = "/proc/\(process)/fd"
    for name in try Directory.names(path: directory) {
      let path = "\(directory)/\(name)"
      guard let target = SymbolicLink.target(path: path), target.hasPrefix("/memfd:coherent-")
      else { continue }
      let number = open(path, O_RDWR | O_CLOEXEC)
      // Closed between the two looks.
      guard number >= 0 else { continue }
      let file = try MemoryFile(descriptor: Descriptor(owning: number))
      let name = String(target.dropFirst("/memfd:".count).prefix { $0 != " " })
      let end =
        name.hasPrefix("coherent-s") ? min(2 * Self.arenaBytes, file.sizeBytes) : file.sizeBytes
      func dataBytes(_ from: UInt64, _ to: UInt64) throws -> UInt64 {
        try file.dataRanges(from: from, to: to).reduce(0) { $0 + UInt64($1.count) }
      }
      files.append(
        File(
          name: name,
          committedBytes: try file.committedBytes() - dataBytes(end, file.sizeBytes),
          dataBytes: try dataBytes(0, end), sizeBytes: file.sizeBytes))
    }
    self.files = files
  }

  var committedBytes: UInt64 { files.reduce(0) { $0 + $1.committedBytes } }
  var region: File? { files.first { $0.name == "coherent-region" } }
  var sessions: [File] { files.filter { $0.name.hasPrefix("coherent-s") } }
}

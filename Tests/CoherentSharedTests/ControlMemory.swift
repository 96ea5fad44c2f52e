// A session's control memory as a test sees it: both sides of it, and the file between them.

import CoherentSystem

@testable import CoherentShared

final class ControlMemory {
  let file: MemoryFile
  let layout: SessionFileLayout
  let daemon: ControlWords

  init(slots: UInt32 = 64) throws {
    let layout = SessionFileLayout(arenaBytes: 65536, controlSlots: slots)
    let file = try MemoryFile(name: "session", sizeBytes: layout.fileBytes)
    try file.seal()
    daemon = ControlWords(daemon: try Self.map(file, layout))
    self.layout = layout
    self.file = file
  }

  /// The client's side: a mapping of its own.
  func client() throws -> ControlWords {
    try ControlWords(client: try Self.map(file, layout))
  }

  /// The bytes, for a client that keeps to nothing.
  func raw() throws -> Mapping {
    try Self.map(file, layout)
  }

  static func map(
    _ file: borrowing MemoryFile, _ layout: SessionFileLayout
  ) throws(SystemError) -> Mapping {
    try Mapping(
      file: file, offsetBytes: layout.controlOffset, lengthBytes: Int(layout.controlBytes),
      writable: true)
  }
}

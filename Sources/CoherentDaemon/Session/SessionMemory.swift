// The two files of a session and the daemon's mappings of them: the memory file (arena, host store,
// control words), which its client maps, and the table, which the daemon writes and its client may
// read.

import CoherentShared
import CoherentSystem

final class SessionMemory: Sendable {
  let layout: SessionFileLayout
  let file: ClientFile
  let tableFile: MemoryFile
  let words: ControlWords
  let table: SessionTable

  /// New files, for a session with room for so many allocations. Their closing is charged to its
  /// user, who has a share in them.
  init(
    session: UInt32, user: UInt32, _ configuration: Configuration, allocationSlots: Int
  ) throws(SystemError) {
    let geometry = LedgerGeometry(
      blocks: configuration.maximumBlocks, blockBytes: configuration.blockSizeBytes,
      frameBytes: configuration.frameSizeBytes, arenaBytes: configuration.arenaSizeBytes,
      sessionSlots: 0)
    let layout = geometry.sessionFile(allocationSlots: allocationSlots)
    let tableLayout = geometry.table(allocationSlots: allocationSlots)
    let charge = ClosingCharge(.memory, user: user)
    let file = try MemoryFile(name: "coherent-s\(session)", sizeBytes: layout.fileBytes)
      .charged(charge)
    try file.seal()
    // Named otherwise than what the device's memory lies in: a page of it is no client's.
    let tableFile = try MemoryFile(
      name: "coherentd-table-s\(session)", sizeBytes: tableLayout.fileBytes
    ).charged(charge)
    try tableFile.seal()
    try tableFile.restrictToOwner()
    words = ControlWords(daemon: try ClientFile.mapWords(file, layout))
    table = SessionTable(
      daemon: try Self.map(tableFile), tableLayout, session: session)
    self.layout = layout
    self.file = ClientFile(file)
    self.tableFile = tableFile
  }

  /// The files of a session that goes on. Throws what does not fit.
  init(
    adopting entry: LedgerSession, _ file: ClientFile, _ tableFile: consuming MemoryFile,
    _ geometry: LedgerGeometry
  ) throws {
    let slots = Int(entry.allocationSlots)
    let layout = geometry.sessionFile(allocationSlots: slots)
    guard file.sizeBytes == layout.fileBytes else { throw AdoptionFault.otherFiles }
    let table = try SessionTable(existing: try Self.map(tableFile))
    guard table.layout == geometry.table(allocationSlots: slots), table.session == entry.id else {
      throw AdoptionFault.otherTable
    }
    words = ControlWords(daemon: try file.mapWords(layout))
    self.table = table
    self.layout = layout
    self.file = file
    self.tableFile = tableFile
  }

  private static func map(_ file: borrowing MemoryFile) throws(SystemError) -> Mapping {
    try Mapping(file: file, lengthBytes: Int(file.sizeBytes), writable: true)
  }
}

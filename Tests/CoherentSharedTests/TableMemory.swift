// A session's table as a test sees it: its file, the daemon's side of it, and its bytes.

import CoherentSystem

@testable import CoherentShared

final class TableMemory {
  static let layout = SessionTableLayout(
    frames: 100, frameBytes: 65536, allocationSlots: 16, pinSlots: 8)

  let file: MemoryFile
  let daemon: SessionTable
  let bytes: Mapping

  init(session: UInt32 = 7) throws {
    let layout = Self.layout
    let file = try MemoryFile(name: "table", sizeBytes: layout.fileBytes)
    try file.seal()
    daemon = SessionTable(daemon: try Self.map(file), layout, session: session)
    bytes = try Self.map(file)
    self.file = file
  }

  /// As the next daemon, or the client, finds it.
  func reader() throws -> SessionTable { try SessionTable(existing: try Self.map(file)) }

  static func map(_ file: borrowing MemoryFile) throws(SystemError) -> Mapping {
    try Mapping(file: file, lengthBytes: Int(file.sizeBytes), writable: true)
  }

  static func allocation(_ generation: UInt32, first: UInt32, count: UInt32) -> TableAllocation {
    var record = TableAllocation(state: .live, generation: generation)
    record.priority = 3
    record.first = first
    record.count = count
    record.createdBy = 0x1234_5678_9abc
    return record
  }

  static func pin(_ generation: UInt32, first: UInt32, count: UInt32) -> TablePin {
    var record = TablePin(state: .live, generation: generation)
    record.first = first
    record.count = count
    record.allocation = 5 << 32 | 1
    record.grantedAtNanoseconds = 1_000_000
    record.deadlineNanoseconds = 2_000_000
    record.createdBy = 99
    return record
  }

  /// A table with something of everything.
  static func filled() throws -> TableMemory {
    let memory = try TableMemory()
    memory.daemon.note(0..<10, .device)
    memory.daemon.note(3..<5, TableFrame(rawValue: TableFrame.host.rawValue | TableFrame.keptBit))
    memory.daemon.note(20..<30, .zero)
    memory.daemon.note(allocation: 0, allocation(1, first: 0, count: 10))
    memory.daemon.note(allocation: 1, allocation(5, first: 20, count: 10))
    memory.daemon.note(allocation: 2, TableAllocation(state: .gone, generation: 8))
    memory.daemon.note(pin: 0, pin(0, first: 22, count: 2))
    memory.daemon.note(pin: 1, TablePin(state: .expired, generation: 4))
    return memory
  }
}

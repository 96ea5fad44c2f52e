// A daemon that serves an arena as far as it has to and then is gone, as if it had been killed:
// with bytes in the host store, threads in faults that it has read, and a table that says what is
// where.

import CoherentShared
import CoherentSystem
import CoherentWire
import Glibc
import Testing

@testable import Coherent

final class DyingDaemon: @unchecked Sendable {
  // SAFETY: the script's thread alone uses what changes, and the test's own after it has ended.
  let daemon: FakeDaemon
  let file: MemoryFile
  let tableFile: MemoryFile
  let table: SessionTable
  private var served: Served?

  private final class Served {
    let userfault: Userfault
    init(_ userfault: consuming Userfault) { self.userfault = userfault }
  }

  static let frames = 8
  static let frameBytes = FakeDaemon.frameBytes

  private init() throws {
    daemon = try FakeDaemon()
    // Not sealed against further seals: the tests add one.
    file = try MemoryFile(name: "arena", sizeBytes: FakeDaemon.layout.fileBytes)
    _ = try FakeDaemon.words(of: file)
    try Self.addSeals(file.raw, 0x2 | 0x4)
    tableFile = try FakeDaemon.sealedTable()
    table = try FakeDaemon.table(in: tableFile)
  }

  /// fcntl(2), F_ADD_SEALS.
  private static func addSeals(_ raw: CInt, _ seals: CInt) throws {
    try #require(fcntl(raw, 1033, seals) == 0)
  }

  /// From now on nobody can write the file but by the mappings that exist: as if the host had no
  /// memory for it.
  func refuseWrites() { try? Self.addSeals(file.raw, 0x10) }

  /// Shakes hands, serves an allocation of eight frames, and runs the script; then it is gone.
  static func run(
    _ script: @escaping @Sendable (DyingDaemon) throws -> Void,
    client body: (Client, Buffer) throws -> Void
  ) throws {
    let dying = try DyingDaemon()
    let clientEnd = dying.daemon.takeClientEnd()
    let thread = try Thread.start(name: "dying daemon") {
      do {
        try dying.serve()
        try script(dying)
      } catch {
        Issue.record("\(error)")
      }
      dying.served = nil
      dying.daemon.hangUp()
    }
    defer { thread.join() }
    let client = try Client(socket: clientEnd)
    defer { client.close() }
    let buffer = try client.allocate(bytes: frames * frameBytes)
    try body(client, buffer)
  }

  private func serve() throws {
    guard let hello = daemon.next() else { return }
    daemon.sendWelcome(FakeDaemon.welcome(), to: hello.id, file: file.raw, table: tableFile.raw)
    guard let attach = daemon.next() else { return }
    guard case .attach(let base, let length) = attach.request else { return }
    let fault = try Userfault(adopting: try attach.duplicateDescriptor())
    try fault.handshake()
    try fault.register(baseAddress: base, lengthBytes: length)
    served = Served(fault)
    daemon.send(.attached, to: attach.id)
    var record = TableAllocation(state: .live, generation: 0)
    record.count = UInt32(Self.frames)
    table.note(allocation: 0, record)
    // The places of the test's frames: what they hold is their own number, counted from 1.
    daemon.grant(sizeBytes: UInt64(Self.frames * Self.frameBytes))
  }

  /// Puts a frame's bytes, its number counted from 1, into the arena and says so.
  func hold(_ frame: Int) throws {
    try write(frame, byte: UInt8(frame + 1), at: 0)
    table.note(frame..<frame + 1, .device)
  }

  /// Puts a frame's bytes into the host store and says so; the arena has what is given, or a hole.
  func store(_ frame: Int, leaving stale: UInt8? = nil) throws {
    try write(frame, byte: UInt8(frame + 1), at: FakeDaemon.arenaBytes)
    if let stale { try write(frame, byte: stale, at: 0) }
    table.note(frame..<frame + 1, .stored)
  }

  func write(_ frame: Int, byte: UInt8, at start: Int) throws {
    let bytes = [UInt8](repeating: byte, count: Self.frameBytes)
    try bytes.withUnsafeBytes {
      try file.write(from: $0, offsetBytes: UInt64(start + frame * Self.frameBytes))
    }
  }

  /// As if something had written over the first allocation's record.
  func damageTable() {
    var word: UInt64 = 0x0101_0101_0101_0101
    try? withUnsafeBytes(of: &word) {
      try tableFile.write(from: $0, offsetBytes: FakeDaemon.tableLayout.allocationsOffset)
    }
  }

  /// Takes so many faults and answers none.
  func takeFaults(_ wanted: Int) throws {
    var count = 0
    var faults = [Fault](
      repeating: Fault(address: 0, isWrite: false, isWriteProtect: false, isMinor: false), count: 8)
    while count < wanted {
      let raw = served!.userfault.raw
      try #require(Readiness.waitReadable(raw, timeoutMilliseconds: 20_000))
      let outcome = faults.withUnsafeMutableBufferPointer { served!.userfault.readFaults(into: $0) }
      if case .faults(let found, _) = outcome { count += found }
    }
  }

  /// As at a clean stop.
  func surrender(base: UInt64) throws {
    table.noteSurrender()
    try served!.userfault.unregister(baseAddress: base, lengthBytes: UInt64(FakeDaemon.arenaBytes))
  }
}

extension Client {
  /// Waits until the memory is the process's own, or lost; with a bound.
  func awaitCustody(_ wanted: Arena.Custody) -> Bool {
    let deadline = Clock.monotonicNanoseconds() + 20_000_000_000
    while Clock.monotonicNanoseconds() < deadline {
      if session.arenaIfOpen?.custody.load(ordering: .acquiring) == wanted { return true }
      Thread.yield()
    }
    return false
  }
}

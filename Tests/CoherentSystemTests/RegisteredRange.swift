// A memory file, mapped once and registered with a userfaultfd of this process, with a second,
// unregistered way to its bytes: what the pager has of a client, in one process.

import Glibc
import Testing

@testable import CoherentSystem

/// Pages that fault to us. The faults are answered by the test itself.
struct RegisteredRange: ~Copyable {
  let file: MemoryFile
  let mapping: Mapping
  let userfault: Userfault
  let pages: Int

  static let page = UInt64(PageSize.bytes)

  init(pages: Int, modes: UserfaultModes = .all) throws {
    try self.init(
      pages: pages, modes: modes, userfault: try Userfault.create(userModeOnly: true))
  }

  init(pages: Int, modes: UserfaultModes, userfault: consuming Userfault) throws {
    let file = try MemoryFile(name: "test", sizeBytes: UInt64(pages) * Self.page)
    let mapping = try Mapping(file: file, lengthBytes: pages * PageSize.bytes, writable: true)
    try userfault.handshake()
    try userfault.register(
      baseAddress: mapping.address, lengthBytes: UInt64(mapping.lengthBytes), modes: modes)
    self.pages = pages
    self.file = file
    self.mapping = mapping
    self.userfault = userfault
  }

  func address(_ index: Int) -> UInt64 { mapping.address + UInt64(index) * Self.page }

  /// Puts a page into the file without touching the mapping.
  func store(_ byte: UInt8, page index: Int) throws {
    let bytes = [UInt8](repeating: byte, count: PageSize.bytes)
    try bytes.withUnsafeBytes { try file.write(from: $0, offsetBytes: UInt64(index) * Self.page) }
  }

  /// Waits for the next faults, at most ten seconds.
  func nextFaults() throws -> [Fault] {
    let buffer = UnsafeMutableBufferPointer<Fault>.allocate(capacity: 8)
    defer { buffer.deallocate() }
    while true {
      try #require(Readiness.waitReadable(userfault.raw, timeoutMilliseconds: 10_000))
      switch userfault.readFaults(into: buffer) {
      case .faults(let count, let otherEvents):
        #expect(otherEvents == 0)
        return Array(buffer[..<count])
      case .none: continue
      case .failed(let code): throw SystemError(operation: "read", code: code)
      }
    }
  }
}

/// A thread that touches memory, and the byte that it found.
final class Toucher: @unchecked Sendable {
  // SAFETY: `found` is written by the thread and read after it was joined.
  private var thread: Thread?
  private var found: UInt8 = 0

  /// Reads the byte at `pointer` on a new thread, or writes `byte` to it.
  init(_ pointer: UnsafeMutableRawPointer, writing byte: UInt8? = nil) throws {
    let address = UInt(bitPattern: pointer)
    thread = try Thread.start(name: "toucher") { [unowned self] in
      let pointer = UnsafeMutableRawPointer(bitPattern: address)!
      if let byte {
        pointer.storeBytes(of: byte, as: UInt8.self)
        found = byte
      } else {
        found = pointer.load(as: UInt8.self)
      }
    }
  }

  /// The byte, once the access has ended.
  func byte() -> UInt8 {
    thread?.join()
    thread = nil
    return found
  }
}

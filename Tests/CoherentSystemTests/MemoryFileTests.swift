// Committing, punching, sealing and counting: the facts that carving stands on.

import Glibc
import Testing

@testable import CoherentSystem

struct MemoryFileTests {
  private let page = UInt64(PageSize.bytes)

  @Test func startsSparseAndReadsAsZeros() throws {
    let file = try MemoryFile(name: "test", sizeBytes: 16 * page)
    #expect(try file.committedBytes() == 0)
    #expect(try file.dataRanges() == [])
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 8)
    defer { buffer.deallocate() }
    buffer.initializeMemory(as: UInt8.self, repeating: 0xff)
    try file.read(into: buffer, offsetBytes: 3 * page)
    #expect(buffer.allSatisfy { $0 == 0 })
  }

  @Test func fillingAndPunchingChangeTheCommittedBytesByExactlyTheirLength() throws {
    let file = try MemoryFile(name: "test", sizeBytes: 64 * page)
    try file.fill(offsetBytes: 0, lengthBytes: 64 * page)
    #expect(try file.committedBytes() == 64 * page)
    // Committed and untouched is still a hole to SEEK_DATA: only st_blocks proves a commitment.
    #expect(try file.dataRanges() == [])
    let mapping = try Mapping(file: file, lengthBytes: Int(64 * page), writable: true)
    try mapping.populate(offsetBytes: 0, lengthBytes: Int(64 * page))
    #expect(try file.dataRanges() == [0..<64 * page])
    try file.punch(offsetBytes: 5 * page, lengthBytes: page)
    #expect(try file.committedBytes() == 63 * page)
    try file.punch(offsetBytes: 16 * page, lengthBytes: 16 * page)
    #expect(try file.committedBytes() == 47 * page)
    #expect(
      try file.dataRanges() == [0..<5 * page, 6 * page..<16 * page, 32 * page..<64 * page])
    try file.fill(offsetBytes: 0, lengthBytes: 64 * page)
    #expect(try file.committedBytes() == 64 * page)
  }

  @Test func fillingKeepsWhatIsThere() throws {
    let file = try MemoryFile(name: "test", sizeBytes: 4 * page)
    try write(0xab, to: file, at: page)
    try file.fill(offsetBytes: 0, lengthBytes: 4 * page)
    #expect(try firstByte(of: file, at: page) == 0xab)
    try file.punch(offsetBytes: page, lengthBytes: page)
    #expect(try firstByte(of: file, at: page) == 0)
  }

  @Test(arguments: [
    (UInt64(0), UInt64(8), [0..<2, 4..<6] as [Range<UInt64>]), (1, 5, [1..<2, 4..<5]),
    (2, 4, []), (6, 8, []), (3, 3, []), (5, 100, [5..<6]),
  ])
  func listsTheDataOfAnyWindow(from: UInt64, to: UInt64, expected: [Range<UInt64>]) throws {
    let file = try MemoryFile(name: "test", sizeBytes: 8 * page)
    for index: UInt64 in [0, 1, 4, 5] { try write(1, to: file, at: index * page) }
    let ranges = try file.dataRanges(from: from * page, to: to * page)
    #expect(ranges == expected.map { $0.lowerBound * page..<$0.upperBound * page })
  }

  @Test func readsAndWritesAreWholeOrThrow() throws {
    let file = try MemoryFile(name: "test", sizeBytes: page)
    try file.seal()
    let bytes = [UInt8](repeating: 7, count: 16)
    let writeError = #expect(throws: SystemError.self) {
      try bytes.withUnsafeBytes { try file.write(from: $0, offsetBytes: page) }
    }
    #expect(writeError?.code == EPERM)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 8)
    defer { buffer.deallocate() }
    let readError = #expect(throws: SystemError.self) {
      try file.read(into: buffer, offsetBytes: page - 8)
    }
    #expect(readError?.code == EIO)
  }

  @Test func sealingFixesTheSizeAndLeavesPunchingPossible() throws {
    let file = try MemoryFile(name: "test", sizeBytes: 4 * page)
    #expect(try !file.hasFixedSize())
    try file.seal()
    #expect(try file.hasFixedSize())
    #expect(try !file.refusesFutureWrites())
    #expect(ftruncate(file.raw, off_t(page)) == -1 && errno == EPERM)
    #expect(ftruncate(file.raw, off_t(8 * page)) == -1 && errno == EPERM)
    try file.fill(offsetBytes: 0, lengthBytes: 4 * page)
    try file.punch(offsetBytes: 0, lengthBytes: page)
    #expect(try file.committedBytes() == 3 * page)
    // No holder can add the seal that would make punching fail.
    let error = #expect(throws: SystemError.self) { try file.sealAgainstFutureWrites() }
    #expect(error?.code == EPERM)
  }

  @Test func sealedAgainstFutureWritesOnlyOldMappingsWrite() throws {
    let file = try MemoryFile(name: "test", sizeBytes: page)
    let mine = try Mapping(file: file, lengthBytes: Int(page), writable: true)
    try file.sealAgainstFutureWrites()
    #expect(try file.refusesFutureWrites())
    mine.bytes[0] = 0x5a
    let theirs = try Mapping(file: file, lengthBytes: Int(page), writable: false)
    #expect(theirs.bytes[0] == 0x5a)
    #expect(throws: SystemError.self) {
      _ = try Mapping(file: file, lengthBytes: Int(page), writable: true)
    }
    #expect(throws: SystemError.self) { try write(1, to: file, at: 0) }
    // The reason why arenas are not sealed so: the punch fails, for the daemon too.
    let error = #expect(throws: SystemError.self) {
      try file.punch(offsetBytes: 0, lengthBytes: page)
    }
    #expect(error?.code == EPERM)
  }

  @Test func adoptsAMemoryFileWithItsSize() throws {
    let file = try MemoryFile(name: "test", sizeBytes: 3 * page)
    let adopted = try MemoryFile(descriptor: try file.descriptor.duplicate())
    #expect(adopted.sizeBytes == 3 * page)
  }

  @Test func refusesAReceivedDescriptorThatIsNoMemoryFile() throws {
    for path in ["/dev/null", "/proc/self/status", "/"] {
      let number = open(path, O_RDONLY | O_CLOEXEC)
      try #require(number >= 0)
      let error = #expect(throws: SystemError.self) {
        _ = try MemoryFile(descriptor: Descriptor(owning: number))
      }
      #expect(error?.code == EINVAL)
    }
  }

  @Test(arguments: [O_RDONLY, O_WRONLY])
  func refusesAReceivedMemoryFileThatIsNotOpenForBoth(access: CInt) throws {
    let file = try MemoryFile(name: "test", sizeBytes: page)
    let number = open("/proc/self/fd/\(file.raw)", access | O_CLOEXEC)
    try #require(number >= 0)
    let error = #expect(throws: SystemError.self) {
      _ = try MemoryFile(descriptor: Descriptor(owning: number))
    }
    #expect(error?.code == EACCES)
  }

  @Test func moreThanTheMachineHasIsAnErrorWithNumbers() throws {
    let file = try MemoryFile(name: "test", sizeBytes: page)
    let error = #expect(throws: SystemError.self) {
      // More than any machine has; the kernel refuses before it commits anything.
      try file.fill(offsetBytes: page, lengthBytes: UInt64(Int64.max))
    }
    #expect(error?.context.contains("\(Int64.max)") == true)
  }

  private func write(_ byte: UInt8, to file: borrowing MemoryFile, at offset: UInt64) throws {
    var byte = byte
    try withUnsafeBytes(of: &byte) { try file.write(from: $0, offsetBytes: offset) }
  }

  private func firstByte(of file: borrowing MemoryFile, at offset: UInt64) throws -> UInt8 {
    var byte: UInt8 = 0xee
    try withUnsafeMutableBytes(of: &byte) { try file.read(into: $0, offsetBytes: offset) }
    return byte
  }
}

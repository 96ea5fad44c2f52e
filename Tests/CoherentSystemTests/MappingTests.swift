// Windows on memory files, and what a fork may not see.

import Glibc
import Testing

@testable import CoherentSystem

struct MappingTests {
  private let page = PageSize.bytes

  @Test func twoMappingsOfOneFileShareTheirBytes() throws {
    let file = try MemoryFile(name: "test", sizeBytes: UInt64(4 * page))
    let whole = try Mapping(file: file, lengthBytes: 4 * page, writable: true)
    let part = try Mapping(
      file: file, offsetBytes: UInt64(page), lengthBytes: page, writable: false)
    whole.bytes[page + 3] = 42
    #expect(part.bytes[3] == 42)
    #expect(part.lengthBytes == page)
  }

  @Test func aMappingOutlivesTheDescriptor() throws {
    let mapping = try Mapping(
      file: try MemoryFile(name: "test", sizeBytes: UInt64(page)), lengthBytes: page,
      writable: true)
    mapping.bytes[0] = 9
    #expect(mapping.bytes[0] == 9)
  }

  @Test func aPunchedPageReadsAsZerosInEveryMapping() throws {
    let file = try MemoryFile(name: "test", sizeBytes: UInt64(page))
    let mapping = try Mapping(file: file, lengthBytes: page, writable: true)
    mapping.bytes[0] = 9
    try file.punch(offsetBytes: 0, lengthBytes: UInt64(page))
    #expect(mapping.bytes[0] == 0)
    // The touch of an unregistered mapping has filled the hole, file-wide.
    #expect(try file.committedBytes() == UInt64(page))
  }

  @Test func droppedPagesOfAFileKeepTheirBytes() throws {
    let file = try MemoryFile(name: "test", sizeBytes: UInt64(page))
    let mapping = try Mapping(file: file, lengthBytes: page, writable: true)
    mapping.bytes[7] = 3
    try mapping.dropPages(offsetBytes: 0, lengthBytes: page)
    #expect(mapping.bytes[7] == 3)
    let anonymous = try Mapping(anonymousBytes: page)
    anonymous.bytes[7] = 3
    try anonymous.dropPages(offsetBytes: 0, lengthBytes: page)
    #expect(anonymous.bytes[7] == 0)
  }

  @Test func populatingCommits() throws {
    let file = try MemoryFile(name: "test", sizeBytes: UInt64(8 * page))
    let mapping = try Mapping(file: file, lengthBytes: 8 * page, writable: true)
    try mapping.populate(offsetBytes: page, lengthBytes: 2 * page)
    #expect(try file.dataRanges() == [UInt64(page)..<UInt64(3 * page)])
  }

  @Test func aForkedChildThatTouchesAnExcludedMappingDies() async {
    await #expect(processExitsWith: .success) {
      OwnProcess.bound()
      let file = try MemoryFile(name: "test", sizeBytes: UInt64(PageSize.bytes))
      let mapping = try Mapping(file: file, lengthBytes: PageSize.bytes, writable: true)
      mapping.bytes[0] = 1
      let bytes = mapping.bytes
      #expect(try OwnProcess.fork { CInt(bytes[0]) } == .status(1))
      try mapping.excludeFromForkAndDump()
      let exit = try OwnProcess.fork {
        signal(SIGSEGV, SIG_DFL)
        return CInt(bytes[0])
      }
      #expect(exit == .signal(SIGSEGV))
      #expect(bytes[0] == 1)
    }
  }

  @Test func adviceOutsideItsRangeIsABug() async {
    await #expect(processExitsWith: .failure) {
      let mapping = try Mapping(anonymousBytes: PageSize.bytes)
      try mapping.dropPages(offsetBytes: PageSize.bytes, lengthBytes: PageSize.bytes)
    }
  }
}

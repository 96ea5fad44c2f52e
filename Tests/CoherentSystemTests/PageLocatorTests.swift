// Where pages lie, found without changing what a file holds.

import TestSupport
import Testing

@testable import CoherentSystem

@Suite(.enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"))
struct PageLocatorTests {
  private let page = UInt64(PageSize.bytes)

  @Test func countsWhatIsThereAndWhatIsNot() throws {
    let file = try MemoryFile(name: "test", sizeBytes: 64 * page)
    try file.fill(offsetBytes: 0, lengthBytes: 8 * page)  // committed, never written
    try write(1, to: file, page: 20)
    try write(2, to: file, page: 21)
    try write(3, to: file, page: 63)
    let placement = try PageLocator().count(file, offsetBytes: 0, lengthBytes: 64 * page)
    #expect(placement.pages == 11 && placement.holes == 53)
    let nodes = try NodeTopology.current().nodesWithMemory
    #expect(placement.pages(outside: nodes) == 0)
    #expect(placement.pages(outside: NodeSet()) == 11)
  }

  @Test func holesStayHolesAndBytesStayAsTheyAre() throws {
    let file = try MemoryFile(name: "test", sizeBytes: 1024 * page)
    for index in stride(from: UInt64(0), to: 1024, by: 3) { try write(7, to: file, page: index) }
    let committed = try file.committedBytes()
    let data = try file.dataRanges()
    let locator = try PageLocator()
    for _ in 0..<2 {
      let placement = try locator.count(file, offsetBytes: 0, lengthBytes: 1024 * page)
      #expect(placement.pages == 342 && placement.holes == 682)
    }
    #expect(try file.committedBytes() == committed)
    #expect(try file.dataRanges() == data)
    var byte: UInt8 = 0
    try withUnsafeMutableBytes(of: &byte) { try file.read(into: $0, offsetBytes: 3 * page) }
    #expect(byte == 7)
  }

  @Test func looksAtFilesLargerThanItsWindow() throws {
    let bytes: UInt64 = 40 << 20
    let file = try MemoryFile(name: "test", sizeBytes: bytes)
    try file.fill(offsetBytes: 8 << 20, lengthBytes: 24 << 20)
    let placement = try PageLocator().count(file, offsetBytes: 0, lengthBytes: bytes)
    #expect(placement.pages == Int((24 << 20) / page))
    #expect(placement.holes == Int((16 << 20) / page))
    #expect(try file.committedBytes() == 24 << 20)
  }

  @Test func looksAtPagesThatAClientHasMapped() throws {
    let range = try RegisteredRange(pages: 4)
    try range.store(5, page: 1)
    #expect(range.userfault.continueRange(address: range.address(1), lengthBytes: page) == .done)
    let placement = try PageLocator().count(range.file, offsetBytes: 0, lengthBytes: 4 * page)
    #expect(placement.pages == 1 && placement.holes == 3)
  }

  private func write(
    _ byte: UInt8, to file: borrowing MemoryFile, page index: UInt64
  ) throws {
    let bytes = [UInt8](repeating: byte, count: PageSize.bytes)
    try bytes.withUnsafeBytes { try file.write(from: $0, offsetBytes: index * page) }
  }
}

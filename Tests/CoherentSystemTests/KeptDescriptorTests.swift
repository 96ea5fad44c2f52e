// What a daemon asks of descriptors that were kept for it, and how it shows a file to who may only
// read it.

import CoherentSystem
import Glibc
import TestSupport
import Testing

struct KeptDescriptorTests {
  @Test(.enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"))
  func aDescriptorTellsWhatItIs() throws {
    let file = try MemoryFile(name: "kept", sizeBytes: 4096)
    #expect(file.descriptor.kind() == .memoryFile)
    let pair = try LocalSocket.pair(kind: .sequentialPacket)
    #expect(pair.first.descriptor.kind() == .socket)
    let fault = try Userfault.create(userModeOnly: true)
    #expect(fault.descriptor.kind() == .userfault)
    let epoll = try Epoll()
    #expect(epoll.descriptor.kind() == .other)
  }

  @Test func anInodeNamesOneFile() throws {
    let first = try MemoryFile(name: "same name", sizeBytes: 4096)
    let second = try MemoryFile(name: "same name", sizeBytes: 4096)
    let copy = try first.duplicate()
    #expect(try first.descriptor.inode() == copy.descriptor.inode())
    #expect(try first.descriptor.inode() != second.descriptor.inode())
  }

  @Test func whoMayOnlyReadSeesWhatIsWrittenAndCannotWrite() throws {
    let file = try MemoryFile(name: "read only", sizeBytes: 4096)
    try file.seal()
    try file.restrictToOwner()
    let writer = try Mapping(file: file, lengthBytes: 4096, writable: true)
    let shown = try MemoryFile(readable: try file.openedForReading())
    #expect(try shown.hasFixedSize())
    #expect(shown.sizeBytes == 4096)
    let reader = try Mapping(file: shown, lengthBytes: 4096, writable: false)
    writer.bytes[17] = 42
    #expect(reader.bytes[17] == 42)
    #expect(throws: SystemError.self) {
      _ = try Mapping(file: shown, lengthBytes: 4096, writable: true)
    }
    #expect(throws: SystemError.self) {
      _ = try MemoryFile(descriptor: try file.openedForReading())
    }
  }
}

// Small files, directories and input files; host memory, which is read from such files.

import Glibc
import Testing

@testable import CoherentSystem

struct FileTests {
  @Test func whatIsWrittenIsReadUpToTheLimit() throws {
    let directory = try TestDirectory()
    let path = directory.file("f")
    let contents = (0..<40_000).map { UInt8(truncatingIfNeeded: $0) }
    try SmallFile.write(path: path, contents)
    #expect(try SmallFile.read(path: path, maximumBytes: 40_000) == contents)
    let error = #expect(throws: SystemError.self) {
      _ = try SmallFile.read(path: path, maximumBytes: 39_999)
    }
    #expect(error?.code == EFBIG)
    try SmallFile.remove(path: path)
    try SmallFile.remove(path: path)
    #expect(!SmallFile.exists(path: path))
  }

  @Test func filesWithoutASizeAreReadWhole() throws {
    #expect(try SmallFile.read(path: "/proc/self/status", maximumBytes: 1 << 16).count > 100)
  }

  @Test func aDirectoryListsItsEntriesSortedWithTheirKinds() throws {
    let directory = try TestDirectory()
    try SmallFile.write(path: directory.file("b"), [])
    try SmallFile.write(path: directory.file("a"), [])
    try Directory.create(path: directory.file("c"))
    #expect(symlink("a", directory.file("d")) == 0)
    #expect(try Directory.names(path: directory.path) == ["a", "b", "c", "d"])
    #expect(
      try Directory.entries(path: directory.path).map(\.kind)
        == [.regularFile, .regularFile, .directory, .other])
    try Directory.removeEmpty(path: directory.file("c"))
    let full = #expect(throws: SystemError.self) {
      try Directory.removeEmpty(path: directory.path)
    }
    #expect(full?.code == ENOTEMPTY)
    let absent = #expect(throws: SystemError.self) {
      _ = try Directory.names(path: directory.file("none"))
    }
    #expect(absent?.code == ENOENT)
  }

  @Test func anInputFileIsReadInPiecesToItsEnd() throws {
    let directory = try TestDirectory()
    let contents = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    try SmallFile.write(path: directory.file("f"), contents)
    let file = try RegularFile(path: directory.file("f"))
    #expect(file.sizeBytes == 10_000)
    var piece = [UInt8](repeating: 0, count: 6_000)
    let first = try piece.withUnsafeMutableBytes { try file.read(into: $0, offsetBytes: 0) }
    #expect(first == 6_000 && piece.elementsEqual(contents[..<6_000]))
    let second = try piece.withUnsafeMutableBytes { try file.read(into: $0, offsetBytes: 6_000) }
    #expect(second == 4_000 && piece[..<4_000].elementsEqual(contents[6_000...]))
    let third = try piece.withUnsafeMutableBytes { try file.read(into: $0, offsetBytes: 10_000) }
    #expect(third == 0)
  }

  @Test(arguments: ["/dev/null", "/", "/no/such/file"])
  func whatIsNoRegularFileIsNoInput(path: String) {
    #expect(throws: SystemError.self) { _ = try RegularFile(path: path) }
  }

  @Test func aNamedPipeDoesNotMakeItWait() throws {
    let directory = try TestDirectory()
    try #require(mkfifo(directory.file("p"), 0o600) == 0)
    #expect(throws: SystemError.self) { _ = try RegularFile(path: directory.file("p")) }
  }

  @Test func whatIsNoRegularFileIsNamedAndNeverWaitedFor() throws {
    let directory = try TestDirectory()
    try #require(mkfifo(directory.file("pipe"), 0o600) == 0)
    let socket = try LocalSocket.listen(path: directory.file("socket"), kind: .stream, mode: 0o600)
    defer { withExtendedLifetime(socket) {} }
    try #require(symlink("pipe", directory.file("link")) == 0)
    try #require(symlink("circle", directory.file("circle")) == 0)
    for (path, part) in [
      (directory.file("pipe"), "a named pipe"), (directory.file("link"), "a named pipe"),
      (directory.file("socket"), "a socket"), ("/dev/zero", "a device"), ("/dev/full", "a device"),
      (directory.path, "a directory"), (directory.file("circle"), "ELOOP"),
    ] {
      let error = #expect(throws: SystemError.self, "\(path)") {
        _ = try SmallFile.read(path: path, maximumBytes: 1 << 20)
      }
      #expect(error?.description.contains(part) == true, "\(String(describing: error))")
    }
    #expect(try SmallFile.read(path: "/dev/null", maximumBytes: 0) == [], "a mask is empty")
  }

  @Test func aDirectoryOfMoreThanIsWantedIsRefused() throws {
    let directory = try TestDirectory()
    for name in ["a", "b", "c"] { try SmallFile.write(path: directory.file(name), []) }
    #expect(try Directory.names(path: directory.path, maximumCount: 3).count == 3)
    let error = #expect(throws: SystemError.self) {
      _ = try Directory.names(path: directory.path, maximumCount: 2)
    }
    #expect(error?.code == E2BIG)
  }

  @Test func hostMemoryIsNeverMoreThanTheMachineHas() throws {
    let text = try SmallFile.read(path: "/proc/meminfo", maximumBytes: 1 << 16)
    let total = try #require(HostMemory.field("MemTotal:", of: text)) * 1024
    let available = try HostMemory.availableBytes()
    #expect(available > 0 && available <= total)
  }

  @Test func fieldsAreFoundByTheirWholeName() {
    let text = Array("file 5\nactive_file 7\ninactive_file 9\nbad x\n".utf8)
    #expect(HostMemory.field("active_file", of: text) == 7)
    #expect(HostMemory.field("file", of: text) == 5)
    #expect(HostMemory.field("bad", of: text) == nil)
    #expect(HostMemory.field("none", of: text) == nil)
  }
}

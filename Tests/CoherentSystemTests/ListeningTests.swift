// Listening: whose file, which mode, and when a file that is there may be replaced.

import Glibc
import Testing

@testable import CoherentSystem

/// A directory of one test, empty again at its end.
final class TestDirectory {
  let path: String

  init() throws { path = try Directory.createTemporary(prefix: "coherent-test-") }

  deinit {
    for name in (try? Directory.names(path: path)) ?? [] {
      try? SmallFile.remove(path: "\(path)/\(name)")
    }
    try? Directory.removeEmpty(path: path)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }
}

struct ListeningTests {
  @Test(arguments: [LocalSocket.Kind.sequentialPacket, .stream])
  func aClientConnectsAndIsAccepted(kind: LocalSocket.Kind) throws {
    let directory = try TestDirectory()
    let listener = try LocalSocket.listen(path: directory.file("s"), kind: kind, mode: 0o600)
    guard case .wouldBlock = listener.accept() else {
      Issue.record("somebody was accepted before anybody connected")
      return
    }
    let client = try LocalSocket.connect(path: directory.file("s"), kind: kind)
    guard case .accepted(let server) = listener.accept() else {
      Issue.record("the client was not accepted")
      return
    }
    let sent = withUnsafeBytes(of: 7 as UInt8) { client.send($0) }
    #expect(sent == .sent(1))
    let readable = server.waitReadable(timeoutMilliseconds: 0)
    #expect(readable)
    #expect(fcntl(server.raw, F_GETFD) == FD_CLOEXEC)
  }

  @Test func theFileHasItsModeWhateverTheUmask() throws {
    let directory = try TestDirectory()
    _ = try LocalSocket.listen(
      path: directory.file("s"), kind: .stream, mode: 0o666, group: getgid())
    var status = stat()
    #expect(stat(directory.file("s"), &status) == 0)
    #expect(status.st_mode & 0o777 == 0o666)
  }

  @Test func aStaleFileIsReplaced() throws {
    let directory = try TestDirectory()
    for _ in 0..<3 {
      // Closed at the end of the round; its file stays.
      _ = try LocalSocket.listen(path: directory.file("s"), kind: .sequentialPacket, mode: 0o600)
    }
    let listener = try LocalSocket.listen(
      path: directory.file("s"), kind: .sequentialPacket, mode: 0o600)
    _ = try LocalSocket.connect(path: directory.file("s"), kind: .sequentialPacket)
    guard case .accepted = listener.accept() else {
      Issue.record("the new listener was not reached")
      return
    }
  }

  @Test(arguments: [LocalSocket.Kind.sequentialPacket, .stream])
  func aLivingListenerIsNeverReplaced(kind: LocalSocket.Kind) throws {
    let directory = try TestDirectory()
    let living = try LocalSocket.listen(
      path: directory.file("s"), kind: .sequentialPacket, mode: 0o600)
    let error = #expect(throws: SystemError.self) {
      _ = try LocalSocket.listen(path: directory.file("s"), kind: kind, mode: 0o600)
    }
    #expect(error?.code == EADDRINUSE)
    _ = try LocalSocket.connect(path: directory.file("s"), kind: .sequentialPacket)
    // A probe, if there was one, waits in the queue too; it is gone at once.
    guard case .accepted = living.accept() else {
      Issue.record("the living listener was disturbed")
      return
    }
  }

  @Test func anOrdinaryFileIsNeverReplaced() throws {
    let directory = try TestDirectory()
    try SmallFile.write(path: directory.file("s"), Array("precious".utf8))
    #expect(throws: SystemError.self) {
      _ = try LocalSocket.listen(path: directory.file("s"), kind: .stream, mode: 0o600)
    }
    #expect(
      try SmallFile.read(path: directory.file("s"), maximumBytes: 100) == Array("precious".utf8))
  }

  @Test(arguments: [107, 108])
  func pathsAreAsLongAsTheKernelAllowsAndNoLonger(length: Int) throws {
    let directory = try TestDirectory()
    let name = String(repeating: "s", count: length - directory.path.utf8.count - 1)
    if length == 107 {
      _ = try LocalSocket.listen(path: directory.file(name), kind: .stream, mode: 0o600)
    } else {
      let error = #expect(throws: SystemError.self) {
        _ = try LocalSocket.listen(path: directory.file(name), kind: .stream, mode: 0o600)
      }
      #expect(error?.code == ENAMETOOLONG)
    }
  }

  @Test func connectingToNobodyThrowsAndAFullQueueEndsByItsBound() throws {
    let directory = try TestDirectory()
    let absent = #expect(throws: SystemError.self) {
      _ = try LocalSocket.connect(path: directory.file("none"), kind: .stream)
    }
    #expect(absent?.code == ENOENT)
    let listener = try LocalSocket.listen(
      path: directory.file("s"), kind: .stream, mode: 0o600, backlog: 0)
    let first = try LocalSocket.connect(path: directory.file("s"), kind: .stream)
    let full = #expect(throws: SystemError.self) {
      _ = try LocalSocket.connect(
        path: directory.file("s"), kind: .stream, timeoutMilliseconds: 1)
    }
    #expect(full?.code == EAGAIN)
    _ = listener.raw + first.raw
  }
}

// A socket's file is removed by whoever made it, and never by its path alone.

import Glibc
import Testing

@testable import CoherentSystem

struct SocketFileTests {
  @Test func anOwnerRemovesItsOwnFileAndNoOther() throws {
    let directory = try TestDirectory()
    let path = directory.file("s")
    let first = try LocalSocket.listenWithFile(path: path, kind: .stream, mode: 0o600)
    let file = first.file
    #expect(unlink(path) == 0)
    let second = try LocalSocket.listenWithFile(path: path, kind: .stream, mode: 0o600)
    let (isInPlace, isGone) = (file.isInPlace, file.remove())
    #expect(!isInPlace && !isGone)
    _ = try LocalSocket.connect(path: path, kind: .stream)
    let owner = second.file
    let isOwn = owner.remove()
    #expect(isOwn && !SmallFile.exists(path: path))
    let isRemovedTwice = owner.remove()
    #expect(!isRemovedTwice)
    _ = first.socket.raw + second.socket.raw
  }

  @Test func whatIsAtAPathIsToldByItsKind() throws {
    let directory = try TestDirectory()
    #expect(try PathOccupant.at(directory.file("none")) == .nothing)
    #expect(try PathOccupant.at(directory.file("none/below")) == .nothing)
    try SmallFile.write(path: directory.file("file"), [])
    #expect(try PathOccupant.at(directory.file("file")) == .other("a file"))
    #expect(try PathOccupant.at(directory.path) == .other("a directory"))
    #expect(mkfifo(directory.file("pipe"), 0o600) == 0)
    #expect(try PathOccupant.at(directory.file("pipe")) == .other("a named pipe"))
    #expect(symlink(directory.file("file"), directory.file("link")) == 0)
    #expect(try PathOccupant.at(directory.file("link")) == .other("a symbolic link"))
    for kind in [LocalSocket.Kind.sequentialPacket, .stream] {
      let path = directory.file("living")
      let living = try LocalSocket.listenWithFile(path: path, kind: kind, mode: 0o600)
      #expect(try PathOccupant.at(path) == .listener(process: getpid()))
      let file = living.file
      file.remove()
    }
    let datagrams = try LocalSocket.receiveDatagrams(path: directory.file("datagrams"))
    #expect(try PathOccupant.at(directory.file("datagrams")) == .listener(process: nil))
    _ = datagrams.raw
    _ = try LocalSocket.listen(path: directory.file("stale"), kind: .stream, mode: 0o600)
    #expect(try PathOccupant.at(directory.file("stale")) == .stale)
  }

  @Test func ofManyThatBeginAtOnceExactlyOneListens() throws {
    for round in 0..<20 {
      let directory = try TestDirectory()
      let path = directory.file("s")
      // A left over file in every second round.
      if round.isMultiple(of: 2) {
        _ = try LocalSocket.listen(path: path, kind: .stream, mode: 0o600)
      }
      let tally = Tally()
      var threads: [Thread] = []
      for _ in 0..<4 {
        threads.append(
          try Thread.start(name: "begins") {
            guard let socket = try? LocalSocket.listen(path: path, kind: .stream, mode: 0o600)
            else { return }
            tally.keep(socket)
          })
      }
      for thread in threads { thread.join() }
      #expect(tally.count == 1)
      #expect(try PathOccupant.at(path) == .listener(process: getpid()))
      #expect(try Directory.names(path: directory.path) == ["s"])
      tally.closeAll()
    }
  }

  /// Those that listen, kept open until all have tried.
  private final class Tally: @unchecked Sendable {
    // SAFETY: touched under `lock` only.
    private let lock = Lock()
    private var numbers: [CInt] = []

    var count: Int { lock.withLock { numbers.count } }

    func keep(_ socket: consuming LocalSocket) {
      let number = socket.release()
      lock.withLock { numbers.append(number) }
    }

    func closeAll() { lock.withLock { for number in numbers { close(number) } } }
  }
}

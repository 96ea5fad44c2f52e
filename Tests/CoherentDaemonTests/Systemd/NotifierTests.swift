// Messages to a supervisor that takes none for a while, or is not there.

import CoherentSystem
import Glibc
import Testing

@testable import CoherentDaemon

/// A supervisor's socket that is read only when the test says so.
private final class QuietSupervisor {
  let path: String
  private let directory: String
  private let socket: LocalSocket

  init() throws {
    directory = try Directory.createTemporary(prefix: "coherentd-notify-")
    path = "\(directory)/notify"
    let number = Glibc.socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    socket = LocalSocket(adopting: Descriptor(owning: number))
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
  }

  deinit {
    unlink(path)
    try? Directory.removeEmpty(path: directory)
  }

  /// The next message and how many descriptors came with it, which are closed.
  func next() -> (text: String, descriptors: Int)? {
    var packet = [UInt8](repeating: 0, count: 4096)
    var descriptors: [CInt] = []
    let outcome = packet.withUnsafeMutableBytes {
      socket.receive(into: $0, descriptors: &descriptors)
    }
    for descriptor in descriptors { close(descriptor) }
    guard case .received(let count, _, _) = outcome else { return nil }
    return (String(decoding: packet[..<count], as: UTF8.self), descriptors.count)
  }

  /// Everything that comes, while the notifier tries again.
  func all(of notifier: Notifier) -> [String] {
    var texts: [String] = []
    while true {
      notifier.retry()
      guard let message = next() else { return texts }
      texts.append(
        message.descriptors == 0 ? message.text : "\(message.text)+\(message.descriptors)")
    }
  }
}

@Suite struct NotifierTests {
  /// Tells steps until one waits; how many there were.
  private func fill(_ notifier: Notifier) -> Int {
    var count = 0
    while !notifier.hasWaiting {
      notifier.tell(.step, "FILL=\(count)")
      count += 1
    }
    return count
  }

  @Test func whatThereIsRoomForArrivesAtOnce() throws {
    let supervisor = try QuietSupervisor()
    let notifier = try Notifier(supervisor.path)
    notifier.tell(.step, "READY=1")
    let pipe = try Pipe()
    #expect(notifier.store([pipe.readEnd.raw, pipe.writeEnd.raw], name: "s1", "FDSTORE=1"))
    #expect(!notifier.hasWaiting)
    #expect(supervisor.all(of: notifier) == ["READY=1", "FDSTORE=1+2"])
  }

  @Test func whatThereIsNoRoomForWaitsInItsOrderAndOfAStateTheNewestOnly() throws {
    let supervisor = try QuietSupervisor()
    let notifier = try Notifier(supervisor.path)
    let count = fill(notifier)
    for number in 0..<1000 {
      notifier.tell(.state("STATUS"), "STATUS=\(number)")
      notifier.tell(.state("WATCHDOG"), "WATCHDOG=1")
    }
    notifier.tell(.step, "RELOADING=1")
    let pipe = try Pipe()
    #expect(notifier.store([pipe.readEnd.raw], name: "s1", "STORE s1"))
    #expect(notifier.condition.waiting == 5 && notifier.condition.unstored == 1)
    let expected =
      (0..<count).map { "FILL=\($0)" } + ["STATUS=999", "WATCHDOG=1", "RELOADING=1", "STORE s1+1"]
    #expect(supervisor.all(of: notifier) == expected)
    #expect(notifier.condition.waiting == 0 && notifier.takeFailures().isEmpty)
  }

  @Test func descriptorsThatWaitAreCopiesAndGoWithTheirName() throws {
    let supervisor = try QuietSupervisor()
    let notifier = try Notifier(supervisor.path)
    let count = fill(notifier)
    let kept = try Pipe()
    let dropped = try Pipe()
    #expect(notifier.store([kept.writeEnd.raw], name: "s1", "STORE s1"))
    #expect(notifier.store([dropped.writeEnd.raw], name: "s2", "STORE s2"))
    let keptEnd = kept.keepingReadEnd()
    let droppedEnd = dropped.keepingReadEnd()
    #expect(!Readiness.hasEnded(keptEnd.raw) && !Readiness.hasEnded(droppedEnd.raw))
    notifier.remove(name: "s2", "REMOVE s2")
    // Closers do that, for whom nobody waits.
    #expect(Readiness.waitReadable(droppedEnd.raw, timeoutMilliseconds: 60_000))
    #expect(Readiness.hasEnded(droppedEnd.raw), "its copy is closed")
    notifier.remove(name: "s3", "REMOVE s3")
    let texts = supervisor.all(of: notifier)
    #expect(texts == (0..<count).map { "FILL=\($0)" } + ["STORE s1+1", "REMOVE s3"])
    #expect(Readiness.waitReadable(keptEnd.raw, timeoutMilliseconds: 60_000))
    #expect(Readiness.hasEnded(keptEnd.raw))
  }

  @Test func aNameOfWhichSomethingWasSentIsRemoved() throws {
    let supervisor = try QuietSupervisor()
    let notifier = try Notifier(supervisor.path)
    let pipe = try Pipe()
    #expect(notifier.store([pipe.readEnd.raw], name: "s1", "STORE s1"))
    _ = fill(notifier)
    #expect(notifier.store([pipe.readEnd.raw], name: "s1", "STORE s1 too"))
    notifier.remove(name: "s1", "REMOVE s1")
    let texts = supervisor.all(of: notifier)
    #expect(texts.first == "STORE s1+1" && texts.last == "REMOVE s1")
    #expect(!texts.contains { $0.hasPrefix("STORE s1 too") })
  }

  @Test func theEndWaitsForASupervisorThatTakesNothingOnlyUntilItsBound() throws {
    let supervisor = try QuietSupervisor()
    let notifier = try Notifier(supervisor.path)
    let bound = Clock.monotonicNanoseconds() + 5_000_000
    #expect(!notifier.settle(untilNanoseconds: bound), "nobody reads")
    #expect(supervisor.next()?.text == "BARRIER=1")
    _ = fill(notifier)
    #expect(!notifier.settle(untilNanoseconds: Clock.monotonicNanoseconds() + 5_000_000))
  }

  @Test func whoIsNotThereIsSaidByName() throws {
    let notifier: Notifier
    do {
      let supervisor = try QuietSupervisor()
      notifier = try Notifier(supervisor.path)
    }
    let pipe = try Pipe()
    #expect(notifier.store([pipe.readEnd.raw], name: "s7", "FDSTORE=1\nFDNAME=s7"))
    #expect(!notifier.hasWaiting)
    let failures = notifier.takeFailures()
    #expect(failures.count == 1 && failures[0].contains("FDSTORE=1 FDNAME=s7"), "\(failures)")
    #expect(notifier.takeFailures().isEmpty)
  }
}

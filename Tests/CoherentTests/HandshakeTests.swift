// A client trusts nothing that comes before it has a session: versions, garbage, descriptors.

import Coherent
import CoherentSystem
import CoherentWire
import TestSupport
import Testing

@Suite(.enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"))
struct HandshakeTests {
  @Test func connectsAndKnowsWhatTheWelcomeSaid() throws {
    try FakeSession.run { _ in
    } client: { client in
      #expect(client.frameBytes == FakeDaemon.frameBytes)
      #expect(client.maximumLease == .milliseconds(10_000))
    }
  }

  @Test func attachCarriesAUserfaultAndAnAlignedAddressOfTheWholeArena() throws {
    let error = try FakeSession.handshake { daemon in
      guard let file = try? FakeDaemon.sealedFile(), let hello = daemon.next() else { return }
      #expect(hello.request == .hello(lowestVersion: 1, highestVersion: 1))
      daemon.sendWelcome(FakeDaemon.welcome(), to: hello.id, file: file.raw)
      guard let attach = daemon.next(), let descriptor = attach.descriptor else { return }
      let isUserfault = descriptor.isUserfault()
      #expect(isUserfault)
      guard case .attach(let base, let length) = attach.request else { return }
      #expect(base % (2 << 20) == 0)
      #expect(length == UInt64(FakeDaemon.arenaBytes))
      daemon.send(.attached, to: attach.id)
    }
    #expect(error == nil)
  }

  @Test func nobodyThereIsNotConnected() {
    let error = refusal { () throws(CoherentError) in
      try Client(socketPath: "/nonexistent/coherentd.socket")
    }
    #expect(error?.reason == .notConnected)
    #expect(error?.message.contains("Starting coherentd") == true)
  }

  @Test func anotherVersionIsRefused() throws {
    var welcome = FakeDaemon.welcome()
    welcome.version = 2
    try expect(.protocolViolation, .badVersion) { [welcome] in $0.answer(welcome) }
  }

  @Test func theDaemonsRefusalIsThrownAlthoughItHangsUp() throws {
    let full = Refusal(.overLimit, .tooManySessions, asked: 65, limit: 64)
    let error = try FakeSession.handshake { daemon in
      guard let hello = daemon.next() else { return }
      daemon.send(.refused(full), to: hello.id)
    }
    #expect(error?.refusal == full)
    #expect(error?.reason == .overLimit)
    #expect(error?.numbers.limit == 64)
  }

  @Test func aRefusalBeforeAnyRequestIsThrown() throws {
    let full = Refusal(.overLimit, .tooManySessions, asked: 65, limit: 64)
    let error = try FakeSession.handshake { daemon in
      daemon.send(.refused(full), to: RequestID(rawValue: 0))
    }
    #expect(error?.refusal == full)
  }

  @Test(arguments: [1, 15, 16, 56, 4096]) func garbageIsRefused(_ length: Int) throws {
    try expect(.protocolViolation, nil) { daemon in
      daemon.send([UInt8](repeating: 0x5A, count: length))
    }
  }

  @Test func aPacketThatIsTooLongIsRefused() throws {
    try expect(.protocolViolation, nil) { $0.send([UInt8](repeating: 0, count: 5000)) }
  }

  @Test func aWelcomeWithoutItsDescriptorIsRefused() throws {
    try expect(.protocolViolation, .badDescriptorCount) { daemon in
      guard let hello = daemon.next() else { return }
      daemon.send(.welcome(FakeDaemon.welcome()), to: hello.id)
    }
  }

  @Test func aWelcomeWithTooManyDescriptorsIsRefused() throws {
    try expect(.protocolViolation, .badDescriptorCount) { daemon in
      guard let file = try? FakeDaemon.sealedFile(), let hello = daemon.next() else { return }
      daemon.send(
        .welcome(FakeDaemon.welcome()), to: hello.id,
        descriptors: [file.raw, file.raw, file.raw, file.raw])
    }
  }

  @Test func aDescriptorThatIsNoMemoryFileIsRefused() throws {
    try expect(.protocolViolation, .badMemoryFile) { daemon in
      guard let counter = try? EventCounter(), let hello = daemon.next() else { return }
      daemon.sendWelcome(FakeDaemon.welcome(), to: hello.id, file: counter.raw)
    }
  }

  @Test func aFileThatCouldShrinkIsRefused() throws {
    try expect(.protocolViolation, .badMemoryFile) { daemon in
      guard let file = try? MemoryFile(name: "open", sizeBytes: UInt64(FakeDaemon.arenaBytes)),
        let hello = daemon.next()
      else { return }
      daemon.sendWelcome(FakeDaemon.welcome(), to: hello.id, file: file.raw)
    }
  }

  @Test(arguments: [
    UInt64(FakeDaemon.arenaBytes - 4096), FakeDaemon.layout.controlOffset,
    FakeDaemon.layout.fileBytes - 4096,
  ])
  func aFileSmallerThanItsRangesIsRefused(_ sizeBytes: UInt64) throws {
    try expect(.protocolViolation, .badMemoryFile) { daemon in
      guard let file = try? MemoryFile(name: "small", sizeBytes: sizeBytes),
        (try? file.seal()) != nil, let hello = daemon.next()
      else { return }
      daemon.sendWelcome(FakeDaemon.welcome(), to: hello.id, file: file.raw)
    }
  }

  @Test(arguments: [
    UInt64(0), UInt64(FakeDaemon.arenaBytes) - 4096, UInt64(FakeDaemon.arenaBytes) + 1,
    UInt64(1) << 63,
    UInt64.max - 4095,
  ])
  func aControlMemoryInAWrongPlaceIsRefused(_ offsetBytes: UInt64) throws {
    var welcome = FakeDaemon.welcome()
    welcome.controlOffsetBytes = offsetBytes
    try expect(.protocolViolation, .badField) { [welcome] in $0.answer(welcome) }
  }

  @Test(arguments: [UInt64(0), 8, 4096, 8191, 1 << 63, UInt64.max - 4095])
  func aControlMemoryOfAWrongLengthIsRefused(_ lengthBytes: UInt64) throws {
    var welcome = FakeDaemon.welcome()
    welcome.controlBytes = lengthBytes
    try expect(.protocolViolation, .badField) { [welcome] in $0.answer(welcome) }
  }

  @Test func controlWordsOfAnotherLayoutAreRefusedByName() throws {
    var welcome = FakeDaemon.welcome()
    welcome.layoutFingerprint ^= 1
    try expect(.protocolViolation, .badControlMemory) { [welcome] in $0.answer(welcome) }
    // The welcome says one thing, and the memory another.
    try expect(.protocolViolation, .badControlMemory) { daemon in
      guard let file = try? MemoryFile(name: "blank", sizeBytes: FakeDaemon.layout.fileBytes),
        (try? file.seal()) != nil, let hello = daemon.next()
      else { return }
      daemon.sendWelcome(FakeDaemon.welcome(), to: hello.id, file: file.raw)
    }
  }

  @Test func aTableThatIsNoneOrMayShrinkOrIsShorterThanSaidIsRefused() throws {
    try expect(.protocolViolation, .badMemoryFile) { daemon in
      guard let file = try? FakeDaemon.sealedFile(), let counter = try? EventCounter(),
        let hello = daemon.next()
      else { return }
      daemon.send(
        .welcome(FakeDaemon.welcome()), to: hello.id, descriptors: [file.raw, counter.raw])
    }
    try expect(.protocolViolation, .badMemoryFile) { daemon in
      guard let file = try? FakeDaemon.sealedFile(),
        let table = try? MemoryFile(name: "open", sizeBytes: FakeDaemon.welcome().tableBytes),
        let hello = daemon.next()
      else { return }
      daemon.send(.welcome(FakeDaemon.welcome()), to: hello.id, descriptors: [file.raw, table.raw])
    }
    try expect(.protocolViolation, .badMemoryFile) { daemon in
      guard let file = try? FakeDaemon.sealedFile(),
        let table = try? FakeDaemon.sealedTable(bytes: 4096), let hello = daemon.next()
      else { return }
      daemon.send(.welcome(FakeDaemon.welcome()), to: hello.id, descriptors: [file.raw, table.raw])
    }
  }

  @Test func aFaultDeviceThatIsNoneIsRefused() throws {
    var welcome = FakeDaemon.welcome()
    welcome.passesFaultDevice = true
    try expect(.notPermitted, .localUserfaultFailed) { [welcome] daemon in
      guard let file = try? FakeDaemon.sealedFile(), let hello = daemon.next() else { return }
      daemon.sendWelcome(welcome, to: hello.id, file: file.raw, others: [file.raw])
    }
  }

  @Test(arguments: [0, 1, 2048, 65537, UInt32.max]) func badFramesAreRefused(
    _ frameBytes: UInt32
  ) throws {
    var welcome = FakeDaemon.welcome()
    welcome.frameBytes = frameBytes
    try expect(.protocolViolation, .badField) { [welcome] in $0.answer(welcome) }
  }

  @Test(arguments: [0, 1, 65537, UInt64.max, 1 << 63]) func badArenasAreRefused(
    _ arenaBytes: UInt64
  ) throws {
    var welcome = FakeDaemon.welcome()
    welcome.arenaBytes = arenaBytes
    try expect(.protocolViolation, .badField) { [welcome] in $0.answer(welcome) }
  }

  @Test func aDaemonThatAllowsNoRequestIsRefused() throws {
    var welcome = FakeDaemon.welcome()
    welcome.maximumRequestsInFlight = 0
    try expect(.protocolViolation, .badField) { [welcome] in $0.answer(welcome) }
  }

  @Test func aHangUpAtAnyPointIsNotConnected() throws {
    try expect(.notConnected, .hungUp) { _ in }
    try expect(.notConnected, .hungUp) { _ = $0.next() }
    try expect(.notConnected, .hungUp) { daemon in
      daemon.answer(FakeDaemon.welcome())
      _ = daemon.next()
    }
  }

  @Test func aReplyToAnotherRequestIsRefused() throws {
    try expect(.protocolViolation, .outOfOrder) { daemon in
      guard let file = try? FakeDaemon.sealedFile(), let hello = daemon.next() else { return }
      daemon.sendWelcome(
        FakeDaemon.welcome(), to: RequestID(rawValue: hello.id.rawValue + 1), file: file.raw)
    }
    try expect(.protocolViolation, .outOfOrder) { daemon in
      daemon.answer(FakeDaemon.welcome())
      guard let attach = daemon.next() else { return }
      daemon.send(.freed, to: attach.id)
    }
  }

  @Test func noHandshakeLeavesADescriptorBehind() async {
    await #expect(processExitsWith: .success) {
      func open() -> Int { (try? Directory.names(path: "/proc/self/fd").count) ?? -1 }
      func shakeHands() {
        _ = try? FakeSession.handshake { daemon in
          guard let file = try? FakeDaemon.sealedFile(), let hello = daemon.next() else { return }
          daemon.sendWelcome(FakeDaemon.welcome(), to: hello.id, file: file.raw, others: [file.raw])
        }
        _ = try? FakeSession.handshake { daemon in
          daemon.answer(FakeDaemon.welcome())
          _ = daemon.next()
        }
        _ = try? FakeSession.run { _ in
        } client: { _ in
        }
      }
      shakeHands()
      let before = open()
      for _ in 0..<20 { shakeHands() }
      // The guardians of closed clients are not waited for.
      let deadline = Clock.monotonicNanoseconds() + 20_000_000_000
      while open() > before, Clock.monotonicNanoseconds() < deadline { Thread.yield() }
      precondition(before > 0 && open() <= before)
    }
  }

  private func expect(
    _ reason: CoherentError.Reason, _ detail: Refusal.Detail?,
    _ location: SourceLocation = #_sourceLocation,
    _ script: @escaping @Sendable (FakeDaemon) -> Void
  ) throws {
    let error = try FakeSession.handshake(script)
    #expect(error?.reason == reason, "\(String(describing: error))", sourceLocation: location)
    if let detail { #expect(error?.refusal.detail == detail, sourceLocation: location) }
  }
}

extension FakeDaemon {
  /// Answers hello with this welcome and a good memory file.
  func answer(_ welcome: Welcome) {
    guard let file = try? Self.sealedFile(), let hello = next() else { return }
    sendWelcome(welcome, to: hello.id, file: file.raw)
  }
}

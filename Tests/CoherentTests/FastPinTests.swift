// Pins without a message: the fake daemon lends words out and takes them back, and fails the test
// if it is asked for what a word could have given.

import Coherent
import CoherentShared
import CoherentSystem
import CoherentWire
import TestSupport
import Testing

@Suite(.enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"))
struct FastPinTests {
  private static let slot = ControlSlot(rawValue: 42)
  private static let handle = HandleID(rawValue: 42)
  private static let lease = Duration.milliseconds(50)

  @Test func aBufferThatIsLentOutIsPinnedWithoutAMessage() throws {
    try FakeSession.run(granting: 1, lingers: true) { daemon, words in
      words.open(slot: Self.slot)
      Self.answer(daemon, statistics: 1)
      Self.answer(daemon) { #expect(words.peek(slot: Self.slot).count == 3) }
      Self.answer(daemon) { #expect(words.peek(slot: Self.slot).count == 0) }
    } client: { client in
      let buffer = try client.allocate(bytes: 1000)
      _ = try client.statistics()  // the word is open from here on
      do {
        let first = try buffer.pin(lease: Self.lease)
        let second = try buffer.pin(range: 0..<1000, lease: .milliseconds(100))
        let third = try buffer.pin(lease: .zero)
        let areFast = first.isFast && second.isFast && third.isFast
        #expect(areFast)
        let (granted, movedFrames) = (first.lease, first.movedFrames)
        #expect(granted == .milliseconds(100) && movedFrames == 0)
        try second.release()
        let outcome = try buffer.withPin(lease: Self.lease) { bytes in
          #expect(bytes.baseAddress == buffer.bytes.baseAddress && bytes.count == 1000)
          let inner = try? buffer.pin(lease: Self.lease)
          _ = inner
          return 7
        }
        #expect(outcome.value == 7 && outcome.leaseHeld)
        let fourth = try buffer.pin(lease: Self.lease)
        _ = try client.statistics()
        try first.release()
        try third.release()
        try fourth.release()
      }
      _ = try client.statistics()
    }
  }

  @Test func aBodyThatThrowsEndsItsPin() throws {
    struct BodyFailed: Error {}
    try FakeSession.run(granting: 1, lingers: true) { daemon, words in
      words.open(slot: Self.slot)
      Self.answer(daemon, statistics: 1)
      Self.answer(daemon) {
        #expect(words.peek(slot: Self.slot).epoch == 1)
        #expect(words.take(slot: Self.slot) == .taken)
      }
    } client: { client in
      let buffer = try client.allocate(bytes: 1000)
      _ = try client.statistics()
      #expect(throws: BodyFailed.self) {
        try buffer.withPin(lease: Self.lease) { _ in throw BodyFailed() }
      }
      _ = try client.statistics()
    }
  }

  @Test func whatAWordCannotGiveIsAsked() throws {
    try FakeSession.run(granting: 1, lingers: true) { daemon, words in
      // Not lent out yet.
      Self.pin(daemon, 0, 1000, lease: 50)
      words.open(slot: Self.slot)
      Self.answer(daemon, statistics: 1)
      Self.pin(daemon, 0, 999, lease: 50)
      Self.pin(daemon, 1, 999, lease: 50)
      Self.pin(daemon, 0, 1000, lease: 101)
      Self.pin(daemon, 0, 1000, lease: 0, isLongTerm: true)
      // An eviction waits for a pin.
      _ = words.pin(slot: Self.slot)
      _ = words.take(slot: Self.slot)
      Self.answer(daemon, statistics: 1)
      Self.pin(daemon, 0, 1000, lease: 50)
      Self.answer(daemon, statistics: 1)
    } client: { client in
      let buffer = try client.allocate(bytes: 1000)
      func asked(_ pin: consuming Pin) throws {
        let isFast = pin.isFast
        #expect(!isFast)
        try pin.release()
      }
      try asked(try buffer.pin(lease: Self.lease))
      _ = try client.statistics()
      try asked(try buffer.pin(range: 0..<999, lease: Self.lease))
      try asked(try buffer.pin(range: 1..<1000, lease: Self.lease))
      try asked(try buffer.pin(lease: .milliseconds(101)))
      let longTerm = try buffer.pin(longTerm: true)
      let (movedFrames, lease) = (longTerm.movedFrames, longTerm.lease)
      #expect(movedFrames == 3 && lease == nil)
      try asked(longTerm)
      _ = try client.statistics()
      try asked(try buffer.pin(lease: Self.lease))
      _ = try client.statistics()
    }
  }

  @Test func theLastToGoTellsWhomItWasWaitedFor() throws {
    try FakeSession.run(granting: 1, lingers: true) { daemon, words in
      words.open(slot: Self.slot)
      Self.answer(daemon, statistics: 1)
      Self.answer(daemon) {
        #expect(words.take(slot: Self.slot) == .pinned(count: 2, epoch: 2))
      }
      #expect(daemon.nextIs(.release(Self.handle), .released))
      #expect(words.take(slot: Self.slot) == .taken)
    } client: { client in
      let buffer = try client.allocate(bytes: 1000)
      _ = try client.statistics()
      let first = try buffer.pin(lease: Self.lease)
      let second = try buffer.pin(lease: Self.lease)
      _ = try client.statistics()  // an eviction waits from here on
      try first.release()
      try second.release()
    }
  }

  @Test func aRevokedPinIsToldOnceItEndsAndChangesNothing() throws {
    try FakeSession.run(granting: 1, lingers: true) { daemon, words in
      words.open(slot: Self.slot)
      Self.answer(daemon, statistics: 1)
      Self.answer(daemon) {
        #expect(words.revoke(slot: Self.slot) == 2)
        words.open(slot: Self.slot)
      }
      Self.answer(daemon) { #expect(words.peek(slot: Self.slot).count == 1) }
    } client: { client in
      let buffer = try client.allocate(bytes: 1000)
      _ = try client.statistics()
      let outcome = try buffer.withPin(lease: Self.lease) { _ in
        let revoked = try buffer.pin(lease: Self.lease)
        _ = try client.statistics()
        let next = try buffer.pin(lease: Self.lease)
        #expect(
          refusalOfEnd(revoked)?.reason == .leaseExpired)
        _ = try client.statistics()
        try next.release()
      }
      #expect(!outcome.leaseHeld)
    }
  }

  @Test func aFreedBufferIsNeitherPinnedNorUnpinned() throws {
    try FakeSession.run(granting: 1, lingers: true) { daemon, words in
      words.open(slot: Self.slot)
      Self.answer(daemon, statistics: 1)
      guard let free = daemon.next() else { return }
      words.close(slot: Self.slot)
      words.open(slot: Self.slot)  // as if its successor were lent out
      daemon.send(.freed, to: free.id)
    } client: { client in
      let buffer = try client.allocate(bytes: 1000)
      _ = try client.statistics()
      let pin = try buffer.pin(lease: Self.lease)
      try buffer.free()
      let ended = Refusal(.invalidRange, .alreadyEnded)
      #expect(refusalOfEnd(pin)?.refusal == ended)
      #expect(
        refusal { () throws(CoherentError) in try buffer.pin(lease: Self.lease) }?.refusal == ended)
    }
  }

  @Test func aWordThatCountsNoPinIsReportedAsSpoilt() throws {
    try FakeSession.run(granting: 1, lingers: true) { daemon, words in
      words.open(slot: Self.slot)
      Self.answer(daemon, statistics: 1)
      #expect(daemon.nextIs(.statistics, .statistics(StatisticsAnswer())))
      // Somebody else in that process takes the pin off.
      guard case .pinned(let token) = words.pin(slot: Self.slot) else { return }
      _ = words.unpin(slot: Self.slot, token: token)
      _ = words.unpin(slot: Self.slot, token: token)
      Self.answer(daemon, statistics: 1)
    } client: { client in
      let buffer = try client.allocate(bytes: 1000)
      _ = try client.statistics()
      let pin = try buffer.pin(lease: Self.lease)
      _ = try client.statistics()
      _ = try client.statistics()
      let error = refusalOfEnd(pin)
      #expect(error?.refusal == Refusal(.protocolViolation, .spoiltControlWord))
    }
  }

  @Test func nothingIsPinnedAfterTheEndAndWhatWasIsNotTouched() throws {
    for byDaemon in [true, false] {
      try FakeSession.run(granting: 1) { daemon, words in
        words.open(slot: Self.slot)
        Self.answer(daemon, statistics: 1)
        if byDaemon { _ = daemon.next() } else { #expect(daemon.seesHangUp()) }
        #expect(words.peek(slot: Self.slot).count == 1)
      } client: { client in
        let buffer = try client.allocate(bytes: 1000)
        _ = try client.statistics()
        let pin = try buffer.pin(lease: Self.lease)
        if byDaemon { #expect(throws: CoherentError.self) { try client.statistics() } }
        if !byDaemon { client.close() }
        let end = Refusal(.notConnected, byDaemon ? .hungUp : .closedByCaller)
        #expect(refusalOfEnd(pin)?.refusal == end)
        #expect(
          refusal { () throws(CoherentError) in try buffer.pin(lease: Self.lease) }?.refusal == end)
      }
    }
  }

  @Test func threadsThatPinWhileAnotherClosesAreRefusedAndLive() throws {
    let pinning = Gate()
    try FakeSession.run(granting: 1) { daemon, words in
      words.open(slot: Self.slot)
      Self.answer(daemon, statistics: 1)
      #expect(daemon.seesHangUp())
    } client: { client in
      let buffer = try client.allocate(bytes: 1000)
      _ = try client.statistics()
      let threads = try (0..<4).map { _ in
        try Thread.start(name: "pins") {
          var pins = 0
          let error = refusal { () throws(CoherentError) in
            while true {
              try buffer.pin(lease: Self.lease).release()
              pins += 1
              if pins == 1000 { pinning.open() }
            }
          }
          #expect(error?.refusal == Refusal(.notConnected, .closedByCaller))
        }
      }
      pinning.wait(4)
      client.close()
      for thread in threads { thread.join() }
    }
  }

  /// Answers one request for statistics after `body`, while the client waits.
  private static func answer(_ daemon: FakeDaemon, _ body: () -> Void) {
    guard let received = daemon.next() else { return }
    #expect(received.request == .statistics)
    body()
    daemon.send(.statistics(StatisticsAnswer()), to: received.id)
  }

  private static func answer(_ daemon: FakeDaemon, statistics: Int) {
    for _ in 0..<statistics {
      #expect(daemon.nextIs(.statistics, .statistics(StatisticsAnswer())))
    }
  }

  /// Grants the pin that is asked for, and its release.
  private static func pin(
    _ daemon: FakeDaemon, _ offset: UInt64, _ length: UInt64, lease: UInt32,
    isLongTerm: Bool = false
  ) {
    let range = HandleRange(handle: handle, offsetBytes: offset, lengthBytes: length)
    let request = Request.pin(
      range, leaseMilliseconds: lease, timeoutMilliseconds: 10_000, isLongTerm: isLongTerm)
    let pin = PinID(rawValue: 9)
    #expect(
      daemon.nextIs(
        request,
        .pinned(pin, leaseMilliseconds: isLongTerm ? 0 : lease, movedFrames: isLongTerm ? 3 : 0)))
    #expect(daemon.nextIs(.unpin(pin), .unpinned))
  }
}

extension FakeDaemon {
  /// Waits for a request and answers it; whether it was this one.
  func nextIs(_ request: Request, _ reply: Reply) -> Bool {
    guard let received = next() else { return false }
    send(reply, to: received.id)
    return received.request == request
  }
}

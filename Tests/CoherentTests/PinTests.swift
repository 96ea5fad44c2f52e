// Pins end exactly once, and tell whether their lease held.

import Coherent
import CoherentWire
import TestSupport
import Testing

@Suite(.enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"))
struct PinTests {
  struct BodyFailed: Error {}

  @Test func aScopedPinCoversTheRangeAndTellsThatItHeld() throws {
    try run(unpinned: .unpinned) { buffer in
      let outcome = try buffer.withPin(range: 10..<30, lease: .milliseconds(50)) { bytes in
        #expect(bytes.baseAddress == buffer.bytes.baseAddress! + 10)
        return bytes.count
      }
      #expect(outcome.value == 20)
      #expect(outcome.leaseHeld)
    }
  }

  @Test func aLeaseThatRanOutIsToldWithTheValue() throws {
    try run(unpinned: .refused(Refusal(.leaseExpired))) { buffer in
      let outcome = try buffer.withPin(range: 10..<30, lease: .milliseconds(50)) { _ in 5 }
      #expect(outcome.value == 5)
      #expect(!outcome.leaseHeld)
    }
  }

  @Test func aBodyThatThrowsReleasesThePin() throws {
    try run(unpinned: .unpinned) { buffer in
      #expect(throws: BodyFailed.self) {
        try buffer.withPin(range: 10..<30, lease: .milliseconds(50)) { _ in throw BodyFailed() }
      }
    }
  }

  @Test func aPinThatIsForgottenIsReleased() throws {
    try run(unpinned: .unpinned) { buffer in
      let pin = try buffer.pin(range: 10..<30, lease: .milliseconds(50))
      #expect(pin.lease == .milliseconds(40))
    }
  }

  @Test func releaseThrowsThatTheLeaseRanOutAndReleasesOnce() throws {
    try run(unpinned: .refused(Refusal(.leaseExpired))) { buffer in
      let pin = try buffer.pin(range: 10..<30, lease: .milliseconds(50))
      do throws(CoherentError) {
        try pin.release()
        Issue.record("the lease ran out")
      } catch {
        #expect(error.reason == .leaseExpired)
      }
    }
  }

  /// Grants one allocation and one pin, and answers exactly one unpin and then one statistics.
  private func run(unpinned reply: Reply, _ body: (Buffer) throws -> Void) throws {
    try FakeSession.run(granting: 1) { daemon in
      guard let pin = daemon.next() else { return }
      #expect(
        pin.request
          == .pin(
            HandleRange(handle: HandleID(rawValue: 42), offsetBytes: 10, lengthBytes: 20),
            leaseMilliseconds: 50, timeoutMilliseconds: 10_000))
      daemon.send(.pinned(PinID(rawValue: 9), leaseMilliseconds: 40, movedFrames: 0), to: pin.id)
      guard let unpin = daemon.next() else { return }
      #expect(unpin.request == .unpin(PinID(rawValue: 9)))
      daemon.send(reply, to: unpin.id)
      guard let last = daemon.next() else { return }
      #expect(last.request == .statistics)
      daemon.send(.statistics(StatisticsAnswer()), to: last.id)
    } client: { client in
      let buffer = try client.allocate(bytes: 1000)
      try body(buffer)
      _ = try client.statistics()
    }
  }
}

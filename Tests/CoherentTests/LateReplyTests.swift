// A reply that comes after its caller gave up is nobody's; what it granted goes back to the daemon.

import Coherent
import CoherentWire
import TestSupport
import Testing

@Suite(.enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"))
struct LateReplyTests {
  /// How long the daemon of these tests may be silent.
  private static let margin: UInt32 = 1500

  @Test func aLateAllocationIsFreed() throws {
    try expectGiveBack(
      late: .allocated(
        HandleID(rawValue: 77), offsetBytes: 0, sizeBytes: 65536, resetsRange: false),
      givenBackBy: .free(HandleID(rawValue: 77)), acknowledgedBy: .freed
    ) { client, _ throws(CoherentError) in _ = try client.allocate(bytes: 1, timeout: .zero) }
  }

  @Test func aLatePinIsReleased() throws {
    try expectGiveBack(
      late: .pinned(PinID(rawValue: 78), leaseMilliseconds: 100, movedFrames: 0),
      givenBackBy: .unpin(PinID(rawValue: 78)), acknowledgedBy: .unpinned
    ) { _, buffer throws(CoherentError) in
      _ = try buffer.pin(lease: .milliseconds(1), timeout: .zero)
    }
  }

  @Test func aLateRefusalIsForgotten() throws {
    let gaveUp = Gate()
    try FakeSession.run(granting: 1, marginMilliseconds: Self.margin) { daemon in
      guard let silent = daemon.next() else { return }
      gaveUp.wait()
      daemon.send(.refused(Refusal(.outOfDeviceMemory)), to: silent.id)
      guard let next = daemon.next() else { return }
      #expect(next.id != silent.id)
      daemon.send(.statistics(StatisticsAnswer()), to: next.id)
    } client: { client in
      let buffer = try client.allocate(bytes: 1)
      let error = refusal { () throws(CoherentError) in try buffer.query() }
      #expect(error?.refusal == Refusal(.timedOut, .noReply, asked: UInt64(Self.margin)))
      gaveUp.open()
      _ = try client.statistics()
    }
  }

  @Test func whoGivesUpKeepsItsPlaceUntilTheReplyHasCome() throws {
    var welcome = FakeDaemon.welcome()
    welcome.maximumRequestsInFlight = 1
    let gaveUp = Gate()
    try FakeSession.run(welcome: welcome, marginMilliseconds: Self.margin) { daemon in
      guard let silent = daemon.next() else { return }
      gaveUp.wait()
      #expect(!daemon.hasMore())
      daemon.send(.statistics(StatisticsAnswer()), to: silent.id)
      guard let next = daemon.next() else { return }
      daemon.send(.statistics(StatisticsAnswer()), to: next.id)
    } client: { client in
      #expect(refusal(client.statistics)?.reason == .timedOut)
      gaveUp.open()
      _ = try client.statistics()
    }
  }

  /// One call gets no reply in time, another one does while the late reply comes in before it.
  private func expectGiveBack(
    late: Reply, givenBackBy request: Request, acknowledgedBy reply: Reply,
    _ call: (Client, Buffer) throws(CoherentError) -> Void
  ) throws {
    let gaveUp = Gate()
    try FakeSession.run(granting: 1, marginMilliseconds: Self.margin) { daemon in
      guard let silent = daemon.next() else { return }
      gaveUp.wait()
      daemon.send(late, to: silent.id)
      var kinds: [MessageKind] = []
      for _ in 0..<2 {
        guard let received = daemon.next() else { return }
        kinds.append(received.request.kind)
        if received.request == .statistics {
          // Answered only after the grant came back, so that the caller reads the late reply first.
          guard let givenBack = daemon.next() else { return }
          #expect(givenBack.request == request)
          daemon.send(reply, to: givenBack.id)
          daemon.send(.statistics(StatisticsAnswer()), to: received.id)
          return
        }
        #expect(received.request == request)
        daemon.send(reply, to: received.id)
      }
    } client: { client in
      let buffer = try client.allocate(bytes: 1)
      let error = refusal { () throws(CoherentError) in try call(client, buffer) }
      #expect(error?.refusal == Refusal(.timedOut, .noReply, asked: UInt64(Self.margin)))
      gaveUp.open()
      _ = try client.statistics()
    }
  }
}

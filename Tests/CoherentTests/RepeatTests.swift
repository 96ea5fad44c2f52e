// A daemon dies and another one takes the connection over: what has no reply yet is asked again,
// and nothing is had twice.

import Coherent
import CoherentSystem
import CoherentWire
import Synchronization
import TestSupport
import Testing

@Suite(.enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"))
struct RepeatTests {
  @Test func aCallWhoseReplyWasLostIsSentAgainWithItsNumber() throws {
    try FakeSession.run { daemon in
      guard let lost = daemon.next() else { return }
      let isFirst = !lost.isRepeat
      #expect(isFirst)
      daemon.sendRecovered()
      guard let again = daemon.next() else { return }
      let isRepeat = again.isRepeat
      #expect(isRepeat)
      #expect(again.id == lost.id)
      #expect(again.request == lost.request)
      daemon.send(Self.allocated(5), to: again.id)
    } client: { client in
      let buffer = try client.allocate(bytes: 1)
      #expect(buffer.id == 5)
    }
  }

  @Test func whoWaitsToBeAttachedIsAttachedByTheNextDaemon() throws {
    let error = try FakeSession.handshake { daemon in
      guard let file = try? FakeDaemon.sealedFile(), let hello = daemon.next() else { return }
      daemon.sendWelcome(FakeDaemon.welcome(), to: hello.id, file: file.raw)
      guard daemon.next() != nil else { return }
      daemon.sendRecovered()
      _ = daemon.nextOrEnd()
    }
    #expect(error == nil)
  }

  @Test func theSecondReplyOfARequestIsIgnored() throws {
    try FakeSession.run { daemon in
      guard let unread = daemon.next() else { return }
      daemon.sendRecovered()
      daemon.send(Self.allocated(5), to: unread.id)
      guard let again = daemon.next() else { return }
      let isRepeat = again.isRepeat
      #expect(isRepeat)
      daemon.send(Self.allocated(5), to: again.id)
      // Were the second reply given back, that would come first.
      guard let next = daemon.next() else { return }
      #expect(next.request == .statistics)
      daemon.send(.statistics(StatisticsAnswer()), to: next.id)
    } client: { client in
      let buffer = try client.allocate(bytes: 1)
      #expect(buffer.id == 5)
      _ = try client.statistics()
    }
  }

  @Test func whatARepeatIsGrantedAfterARefusalGoesBack() throws {
    try FakeSession.run { daemon in
      guard let unread = daemon.next() else { return }
      daemon.sendRecovered()
      guard let again = daemon.next() else { return }
      daemon.send(.refused(Refusal(.outOfDeviceMemory)), to: unread.id)
      daemon.send(Self.allocated(6), to: again.id)
      var kinds: [MessageKind] = []
      for _ in 0..<2 {
        guard let next = daemon.next() else { return }
        kinds.append(next.request.kind)
        if next.request.kind == .free {
          #expect(next.request == .free(HandleID(rawValue: 6)))
          daemon.send(.freed, to: next.id)
        } else {
          daemon.send(.statistics(StatisticsAnswer()), to: next.id)
        }
      }
      #expect(Set(kinds) == [.free, .statistics])
    } client: { client in
      let error = refusal { () throws(CoherentError) in try client.allocate(bytes: 1) }
      #expect(error?.reason == .outOfDeviceMemory)
      _ = try client.statistics()
      // Reads until the daemon hangs up, which it does when it has got both.
      while refusal({ () throws(CoherentError) in
        try client.nextEvent(timeout: .seconds(20))
      }) == nil {}
    }
  }

  @Test func allCallsInFlightOfAllThreadsAreSentAgainOnce() throws {
    let threads = 16
    try FakeSession.run { daemon in
      var lost: [RequestID: Request] = [:]
      for _ in 0..<threads {
        guard let request = daemon.next() else { return }
        lost[request.id] = request.request
      }
      daemon.sendRecovered()
      for _ in 0..<threads {
        guard let again = daemon.next() else { return }
        let isRepeat = again.isRepeat
        #expect(isRepeat)
        #expect(lost.removeValue(forKey: again.id) == again.request)
        daemon.send(Self.allocated(again.id.rawValue), to: again.id)
      }
      #expect(lost.isEmpty)
      if let extra = daemon.nextOrEnd() { Issue.record("also came \(extra.request)") }
    } client: { client in
      let done = Atomic(0)
      let callers = try (0..<threads).map { _ in
        try Thread.start(name: "caller") {
          let error = refusal { () throws(CoherentError) in try client.allocate(bytes: 1) }
          #expect(error == nil)
          done.add(1, ordering: .relaxed)
        }
      }
      for caller in callers { caller.join() }
      #expect(done.load(ordering: .relaxed) == threads)
    }
  }

  @Test func callsThatBeginWhileDaemonsChangeAreAllAnswered() throws {
    let threads = 4
    let rounds = 100
    try FakeSession.run { daemon in
      // Every third request is lost with its daemon, whatever its neighbours do.
      var count: UInt32 = 0
      while let request = daemon.nextOrEnd() {
        count += 1
        if count % 3 == 0 {
          daemon.sendRecovered(count)
        } else {
          daemon.send(.statistics(StatisticsAnswer()), to: request.id)
        }
      }
    } client: { client in
      let callers = try (0..<threads).map { _ in
        try Thread.start(name: "caller") {
          for _ in 0..<rounds { #expect(refusal(client.statistics) == nil) }
        }
      }
      for caller in callers { caller.join() }
      client.close()
    }
  }

  @Test func aGiveBackThatWasLostIsSentAgain() throws {
    let gaveUp = Gate()
    let margin: UInt32 = 1500
    try FakeSession.run(marginMilliseconds: margin) { daemon in
      guard let silent = daemon.next() else { return }
      gaveUp.wait()
      daemon.send(Self.allocated(7), to: silent.id)
      var statistics: RequestID?
      for _ in 0..<2 {
        guard let request = daemon.next() else { return }
        if request.request == .statistics { statistics = request.id }
      }
      daemon.sendRecovered()
      for _ in 0..<2 {
        guard let again = daemon.next() else { return }
        let isRepeat = again.isRepeat
        #expect(isRepeat)
        let request = again.request
        if request == .free(HandleID(rawValue: 7)) {
          daemon.send(.freed, to: again.id)
        } else {
          #expect(again.id == statistics)
        }
      }
      if let statistics { daemon.send(.statistics(StatisticsAnswer()), to: statistics) }
    } client: { client in
      let error = refusal { () throws(CoherentError) in
        try client.allocate(bytes: 1, timeout: .zero)
      }
      #expect(error?.reason == .timedOut)
      gaveUp.open()
      _ = try client.statistics()
    }
  }

  @Test func aReplyToNobodyIsStillAViolationWhileThereWasOneDaemon() throws {
    try FakeSession.run { daemon in
      guard let request = daemon.next() else { return }
      daemon.send(.freed, to: RequestID(rawValue: request.id.rawValue + (1 << 32)))
    } client: { client in
      #expect(refusal(client.statistics)?.reason == .protocolViolation)
    }
  }

  @Test func anotherDaemonGivesACallItsWholeTimeAgain() throws {
    let margin: UInt32 = 1500
    try FakeSession.run(marginMilliseconds: margin) { daemon in
      guard let lost = daemon.next() else { return }
      // Two daemons die just before the call would have given up on the one.
      for _ in 0..<3 {
        #expect(!daemon.hasMore(milliseconds: 1000))
        daemon.sendRecovered()
        guard let again = daemon.next() else { return }
        #expect(again.id == lost.id)
      }
      daemon.send(.statistics(StatisticsAnswer()), to: lost.id)
    } client: { client in
      _ = try client.statistics()
    }
  }

  private static func allocated(_ handle: UInt64) -> Reply {
    .allocated(
      HandleID(rawValue: handle & 0xFFFF), offsetBytes: 0, sizeBytes: 65536, resetsRange: false)
  }
}

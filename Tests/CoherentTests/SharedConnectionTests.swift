// Several threads on one connection: each gets its own reply, in whatever order they come, and all
// of them hear of the end.

import Coherent
import CoherentSystem
import CoherentWire
import TestSupport
import Testing

@Suite(.enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"))
struct SharedConnectionTests {
  @Test func repliesOutOfOrderReachTheirThreads() throws {
    let threads = 8
    let rounds = 200
    try FakeSession.run(granting: 1) { daemon in
      var random = SystemRandomNumberGenerator()
      for _ in 0..<rounds {
        var requests: [(RequestID, UInt64)] = []
        for _ in 0..<threads {
          guard let received = daemon.next() else { return }
          guard case .advise(let range, _) = received.request else { return }
          requests.append((received.id, range.lengthBytes))
        }
        for (id, length) in requests.shuffled(using: &random) {
          daemon.send(.advised(frames: UInt32(length)), to: id)
        }
      }
    } client: { client in
      let buffer = try client.allocate(bytes: 1000)
      let started = try (1...threads).map { number in
        try Thread.start(name: "caller") {
          for _ in 0..<rounds {
            #expect(throws: Never.self) {
              let frames = try buffer.advise(.cold, range: 0..<number)
              #expect(frames == number)
            }
          }
        }
      }
      for thread in started { thread.join() }
    }
  }

  @Test func neverMoreAreUnderWayThanTheWelcomeAllows() throws {
    var welcome = FakeDaemon.welcome()
    welcome.maximumRequestsInFlight = 2
    let calls = 6 * 20
    try FakeSession.run(welcome: welcome) { daemon in
      var underWay: [RequestID] = []
      var answered = 0
      while answered < calls {
        guard let received = daemon.next() else { return }
        underWay.append(received.id)
        #expect(underWay.count <= 2)
        // The last ones may come alone.
        while underWay.count < 2, answered + underWay.count < calls, daemon.hasMore() {
          guard let received = daemon.next() else { return }
          underWay.append(received.id)
        }
        if underWay.count == 2 { #expect(!daemon.hasMore()) }
        for id in underWay.reversed() {
          daemon.send(.statistics(StatisticsAnswer()), to: id)
          answered += 1
        }
        underWay = []
      }
    } client: { client in
      let started = try (0..<6).map { _ in
        try Thread.start(name: "caller") {
          for _ in 0..<20 {
            #expect(throws: Never.self) { _ = try client.statistics() }
          }
        }
      }
      for thread in started { thread.join() }
    }
  }

  @Test func aHangUpReachesEveryThreadAtOnce() throws {
    try FakeSession.run { daemon in
      for _ in 0..<5 { _ = daemon.next() }
    } client: { client in
      try expectEverybody(client, threads: 5, reason: .notConnected, detail: .hungUp)
      let later = refusal(client.statistics)
      #expect(later?.refusal == Refusal(.notConnected, .hungUp))
    }
  }

  @Test func garbageReachesEveryThread() throws {
    try FakeSession.run { daemon in
      for _ in 0..<5 { _ = daemon.next() }
      daemon.send([UInt8](repeating: 0xA5, count: 100))
    } client: { client in
      try expectEverybody(client, threads: 5, reason: .protocolViolation, detail: nil)
    }
  }

  @Test func aRefusalOfNobodysRequestTellsEverybodyWhy() throws {
    try FakeSession.run { daemon in
      for _ in 0..<3 { _ = daemon.next() }
      daemon.send(
        .refused(Refusal(.regionGoingOffline, .daemonStopping)), to: RequestID(rawValue: 0))
    } client: { client in
      try expectEverybody(client, threads: 3, reason: .regionGoingOffline, detail: .daemonStopping)
    }
  }

  @Test func aReplyThatNobodyAskedForIsAViolation() throws {
    for forge in [{ $0.rawValue + 1 }, { $0.rawValue + (1 << 32) }]
      as [@Sendable (RequestID) -> UInt64]
    {
      try FakeSession.run { daemon in
        guard let received = daemon.next() else { return }
        daemon.send(
          .statistics(StatisticsAnswer()), to: RequestID(rawValue: forge(received.id)))
      } client: { client in
        #expect(refusal(client.statistics)?.reason == .protocolViolation)
      }
    }
    try FakeSession.run { daemon in
      guard let received = daemon.next() else { return }
      daemon.send(.freed, to: received.id)
    } client: { client in
      #expect(refusal(client.statistics)?.reason == .protocolViolation)
    }
  }

  @Test func aReplyWithADescriptorIsAViolation() throws {
    try FakeSession.run { daemon in
      guard let received = daemon.next(), let counter = try? EventCounter() else { return }
      daemon.send(
        .statistics(StatisticsAnswer()), to: received.id, descriptors: [counter.raw])
    } client: { client in
      #expect(refusal(client.statistics)?.refusal.detail == .badDescriptorCount)
    }
  }

  @Test func closingWakesThoseWhoWaitAndMayBeRepeated() throws {
    let asked = Gate()
    try FakeSession.run { daemon in
      for _ in 0..<4 { _ = daemon.next() }
      asked.open()
      #expect(daemon.seesHangUp())
    } client: { client in
      let started = try (0..<4).map { _ in
        try Thread.start(name: "caller") {
          let error = refusal(client.statistics)
          #expect(error?.refusal == Refusal(.notConnected, .closedByCaller))
        }
      }
      asked.wait()
      client.close()
      client.close()
      for thread in started { thread.join() }
      let later = refusal { () throws(CoherentError) in try client.allocate(bytes: 1) }
      #expect(later?.refusal == Refusal(.notConnected, .closedByCaller))
    }
  }

  @Test func aClientAndItsBuffersThatAreForgottenHangUp() throws {
    let daemon = try FakeDaemon()
    let file = try FakeDaemon.sealedFile()
    let thread = try Thread.start(name: "fake daemon") {
      daemon.shakeHands(file)
      daemon.grant()
      #expect(daemon.seesHangUp())
    }
    do {
      let client = try Client(socket: daemon.takeClientEnd())
      _ = try client.allocate(bytes: 1)
    }
    thread.join()
  }

  private func expectEverybody(
    _ client: Client, threads: Int, reason: CoherentError.Reason, detail: Refusal.Detail?
  ) throws {
    let started = try (0..<threads).map { _ in
      try Thread.start(name: "caller") {
        let error = refusal(client.statistics)
        #expect(error?.reason == reason)
        if let detail { #expect(error?.refusal.detail == detail) }
      }
    }
    for thread in started { thread.join() }
  }
}

// What the daemon says unasked reaches whoever asks for it, in order, and harms nobody who does
// not.

import Coherent
import CoherentSystem
import CoherentWire
import TestSupport
import Testing

@Suite(.enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"))
struct EventTests {
  @Test func anEventIsWaitedFor() throws {
    let waiting = Gate()
    try FakeSession.run { daemon in
      waiting.wait()
      daemon.send(Self.revoked(5, pins: 3))
    } client: { client in
      #expect(try client.nextEvent(timeout: .zero) == nil)
      #expect(try client.nextEvent(timeout: .milliseconds(1)) == nil)
      waiting.open()
      let event = try client.nextEvent(timeout: .seconds(20))
      #expect(event == .leaseRevoked(buffer: 5, pins: 3))
    }
  }

  @Test func eventsThatCameDuringCallsAreKeptInOrderUpToABound() throws {
    try FakeSession.run { daemon in
      guard let request = daemon.next() else { return }
      for number in 0..<300 {
        daemon.send(Self.revoked(UInt64(number), pins: 1), waits: true)
      }
      daemon.send(.statistics(StatisticsAnswer()), to: request.id)
    } client: { client in
      _ = try client.statistics()
      #expect(client.droppedEvents == 44)
      for number in 0..<256 {
        let event = try client.nextEvent(timeout: .zero)
        #expect(event == .leaseRevoked(buffer: UInt64(number), pins: 1))
      }
      // The daemon has hung up, or is about to.
      let end = refusal { () throws(CoherentError) in try client.nextEvent(timeout: .seconds(20)) }
      #expect(end?.refusal == Refusal(.notConnected, .hungUp))
    }
  }

  @Test func aThreadThatWaitsForEventsReadsTheRepliesOfOthers() throws {
    let rounds = 200
    try FakeSession.run { daemon in
      for round in 0..<rounds {
        guard let request = daemon.next() else { return }
        if round % 2 == 0 { daemon.send(Self.revoked(UInt64(round), pins: 1)) }
        daemon.send(.statistics(StatisticsAnswer()), to: request.id)
        if round % 2 == 1 { daemon.send(Self.revoked(UInt64(round), pins: 1)) }
      }
    } client: { client in
      let listener = try Thread.start(name: "listener") {
        var heard = 0
        let end = refusal { () throws(CoherentError) in
          while true {
            guard let event = try client.nextEvent(timeout: .seconds(20)) else { return }
            #expect(event == .leaseRevoked(buffer: UInt64(heard), pins: 1))
            heard += 1
          }
        }
        #expect(heard == rounds)
        #expect(end?.reason == .notConnected)
      }
      for _ in 0..<rounds { _ = try client.statistics() }
      listener.join()
    }
  }

  @Test func closingWakesWhoWaitsForEvents() throws {
    let started = Gate()
    try FakeSession.run { daemon in
      #expect(daemon.seesHangUp())
    } client: { client in
      let threads = try (0..<3).map { _ in
        try Thread.start(name: "listener") {
          started.open()
          let end = refusal { () throws(CoherentError) in
            try client.nextEvent(timeout: .seconds(1_000_000))
          }
          #expect(end?.refusal == Refusal(.notConnected, .closedByCaller))
        }
      }
      started.wait(3)
      client.close()
      for thread in threads { thread.join() }
    }
  }

  private static func revoked(_ handle: UInt64, pins: UInt32) -> [UInt8] {
    var packet = [UInt8](repeating: 0, count: Event.maximumBytes)
    var span = packet.mutableSpan
    let event = Event.leaseRevoked(HandleID(rawValue: handle), nil, pins: pins)
    let length = event.encode(into: &span)
    return Array(packet[..<length])
  }
}

// Every request that meets frames which are just being evicted or brought back, with a real evictor
// beside it: what its answer promises holds, each time.

import CoherentControl
import CoherentSystem
import Testing

extension IntegrationTests {
  @Suite struct OnTheWay {
    private static let settings = ["Pressure.EvictionRun": "16K", "Leases.Maximum": "1h"]
    private static let rounds = 100
    private static let bytes = 32 * 4096

    /// Rounds of a request under an evictor that also migrates. The first of two buffers is filled
    /// anew before each round, the second keeps its contents throughout.
    private func rounds(_ body: (ClientProcess, Int) throws -> Void) throws {
      try TestDaemon.with(Self.settings) { daemon in
        let client = try daemon.client()
        for _ in 0..<2 { try client.allocate(Self.bytes) }
        try client.done("fill 1 77")
        let evictors = try (0..<2).map { try Evictor(daemon, seed: 10 + $0, migrates: 4) }
        defer { for evictor in evictors { #expect(evictor.stop() == nil) } }
        for round in 1...Self.rounds {
          try client.done("fill 0 \(round)")
          try body(client, round)
        }
        try client.done("verify 1 77")
        let status = try daemon.status()
        #expect(status.evictedFrames > Self.rounds, "it met frames on their way")
        #expect(status.lostFrames == 0)
      }
    }

    @Test func whatIsDiscardedReadsAsZeroWheneverItIs() throws {
      try rounds { client, _ in
        try client.done("advise 0 discard")
        try client.done("verify-zero 0")
      }
    }

    @Test func whatIsWrittenAfterADiscardStays() throws {
      try rounds { client, round in
        try client.done("advise 0 discard")
        try client.done("fill 0 \(round + 1000)")
        try client.done("verify 0 \(round + 1000)")
      }
    }

    @Test func aMigrationCountsEveryFrameAndKeepsItsContents() throws {
      try rounds { client, round in
        for target in ["host", "device"] {
          // Two evictors may send back what has just arrived, but not for ever.
          let moved = try client.done("migrate 0 \(target) 60000").compactMap { Int($0) }
          #expect(moved.reduce(0, +) == 32)
          try client.done("verify 0 \(round)")
        }
      }
    }

    @Test func aLongTermPinHoldsItInHostMemoryUntilItEnds() throws {
      try rounds { client, round in
        let pin = try client.done("pin-long 0 0 \(Self.bytes) 60000")
        #expect(try client.done("query 0") == ["host:\(Self.bytes)"])
        try client.done("verify 0 \(round)")
        #expect(try client.done("query 0") == ["host:\(Self.bytes)"])
        try client.done("unpin \(pin[0])")
      }
    }

    @Test func aPinHoldsItWhereItIs() throws {
      try rounds { client, round in
        let pin = try client.done("pin 0 0 \(Self.bytes) 600000 60000")
        let places = try client.done("query 0")
        #expect(places.allSatisfy { $0.hasPrefix("device:") || $0.hasPrefix("host:") })
        try client.done("verify 0 \(round)")
        #expect(try client.done("query 0") == places, "it did not move")
        try client.done("unpin \(pin[0])")
      }
    }

    @Test func adviceAndQuestionsChangeNoContents() throws {
      try rounds { client, round in
        for _ in 0..<4 {
          for advice in ["cold", "will-need"] {
            #expect(try client.number("advise 0 \(advice)") <= 32)
          }
          let bytes = try client.done("query 0").compactMap { $0.split(separator: ":").last }
          #expect(bytes.compactMap { Int($0) }.reduce(0, +) == Self.bytes)
        }
        try client.done("verify 0 \(round)")
      }
    }

    @Test func whatIsFreedIsReusedAsNew() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let client = try daemon.client()
        let evictors = try (0..<2).map { try Evictor(daemon, seed: 20 + $0, migrates: 4) }
        defer { for evictor in evictors { #expect(evictor.stop() == nil) } }
        for round in 1...Self.rounds {
          let buffer = try client.allocate(Self.bytes)
          try client.done("verify-zero \(buffer)")
          try client.done("fill \(buffer) \(round)")
          try client.done("free \(buffer)")
        }
        try daemon.eventually(status: "all is given back") { $0.allocations == 0 }
      }
    }
  }
}

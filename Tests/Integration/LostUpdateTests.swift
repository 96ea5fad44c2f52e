// No write is ever lost: words incremented by many threads at random while their frames are evicted
// at random, through thread exits, forks, execs and the deaths of other clients.

import CoherentControl
import CoherentSystem
import Glibc
import Testing

extension IntegrationTests {
  @Suite struct LostUpdates {
    private static let settings = [
      "Region.Blocks": "2", "Region.FrameSize": "4K", "Pressure.EvictionRun": "32K",
    ]

    /// Every frame that left with its contents came back for an access, or still lies in store.
    private func expectConserved(_ daemon: TestDaemon, _ status: StatusReport) {
      daemon.expectNothingLost(status)
      #expect(status.restoredFrames <= status.evictedFrames)
    }

    @Test func fourWritersLoseNothingThroughAHundredThousandEvictions() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let clients = try (0..<2).map { _ in try daemon.client() }
        for client in clients {
          for _ in 0..<12 { try client.allocate(32 << 10) }
        }
        for (seed, client) in clients.enumerated() { try client.done("write 2 \(seed + 1) 0") }
        let evictors = try (0..<2).map { try Evictor(daemon, seed: $0, migrates: 16) }
        defer { for evictor in evictors { #expect(evictor.stop() == nil) } }
        try daemon.eventually(status: "100,000 frames are evicted") {
          $0.evictedFrames >= 100_000
        }
        for client in clients {
          #expect(try client.number("stop-writing") > 0)
        }
        let status = try daemon.status()
        expectConserved(daemon, status)
        #expect(status.restoredFrames >= 50_000, "the writers brought back what was evicted")
      }
    }

    @Test func fourThreadsOfOneClientShareWordsThroughPressure() throws {
      // Twice the device: the daemon evicts by itself while an administrator does, too.
      try TestDaemon.with(Self.settings) { daemon in
        let client = try daemon.client()
        for _ in 0..<32 { try client.allocate(256 << 10) }
        try client.done("write 4 7 0")
        let evictor = try Evictor(daemon, seed: 3, migrates: 8)
        defer { #expect(evictor.stop() == nil) }
        try daemon.eventually(status: "frames are evicted") { $0.evictedFrames >= 20_000 }
        #expect(try client.number("stop-writing") > 0)
        expectConserved(daemon, try daemon.status())
      }
    }

    @Test func threadsThatEndAtRandomLoseNothing() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let client = try daemon.client()
        for _ in 0..<16 { try client.allocate(32 << 10) }
        try client.done("write 4 11 1")
        let evictor = try Evictor(daemon, seed: 5)
        defer { #expect(evictor.stop() == nil) }
        try daemon.eventually(status: "frames are evicted") { $0.evictedFrames >= 10_000 }
        #expect(try client.number("stop-writing") > 0)
        expectConserved(daemon, try daemon.status())
      }
    }

    @Test func writersThatForkAndStartProgramsLoseNothing() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let client = try daemon.client()
        for _ in 0..<16 { try client.allocate(32 << 10) }
        try client.done("write 4 13 0")
        try client.done("fork-often")
        let evictor = try Evictor(daemon, seed: 7)
        defer { #expect(evictor.stop() == nil) }
        try daemon.eventually(status: "frames are evicted") { $0.evictedFrames >= 10_000 }
        try daemon.eventually("it forked while frames were evicted") {
          try client.number("toiled") >= 20
        }
        #expect(try client.number("stop-toil") >= 20)
        #expect(try client.number("stop-writing") > 0)
        #expect(try daemon.sessions().count == 1, "no child is a client")
      }
    }

    @Test func clientsThatDieOrExecAtRandomMomentsHarmNoWriter() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let survivor = try daemon.client()
        for _ in 0..<16 { try survivor.allocate(32 << 10) }
        try survivor.done("write 4 17 0")
        let evictor = try Evictor(daemon, seed: 9, migrates: 16)
        defer { #expect(evictor.stop() == nil) }
        var random = SeededNumbers(seed: 19)
        for round in 0..<24 {
          let victim = try daemon.client()
          for _ in 0..<8 { try victim.allocate(64 << 10) }
          try victim.done("write 2 \(round) \(round % 2)")
          if round % 3 == 0 { try victim.done("request 2") }
          let evictions = try daemon.status().evictedFrames
          let more = UInt64.random(in: 1...400, using: &random)
          try daemon.eventually(status: "a random number of frames is evicted") {
            $0.evictedFrames >= evictions + more
          }
          switch round % 4 {
          case 0, 1: try victim.kill(SIGKILL)
          case 2: try victim.begin("abort")
          default: try victim.begin("exec /bin/true")
          }
          let exit = try victim.exit()
          #expect(exit != .status(1), "round \(round): \(exit)")
        }
        try daemon.eventually("the dead have no session") { try daemon.sessions().count == 1 }
        #expect(try survivor.number("stop-writing") > 0)
        expectConserved(daemon, try daemon.status())
      }
    }
  }
}

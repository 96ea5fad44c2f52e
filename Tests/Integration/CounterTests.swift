// Numbers of the status that only last for a moment, or that no other test is about: each is seen
// to move. Tidy's CounterRule has each number stand in a test like this.

import CoherentControl
import CoherentSystem
import TestSupport
import Testing

extension IntegrationTests {
  @Suite struct Counters {
    private static let settings = [
      "Region.Blocks": "2", "Region.FrameSize": "4K", "Pressure.EvictionRun": "32K",
      "Leases.Maximum": "1h",
    ]

    @Test func memoryOnItsWayIsSeen() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let clients = try (0..<2).map { _ in try daemon.client() }
        for client in clients {
          for _ in 0..<12 { try client.allocate(256 << 10) }
        }
        for (seed, client) in clients.enumerated() { try client.done("write 2 \(seed + 1) 0") }
        let evictors = try (0..<2).map { try Evictor(daemon, seed: $0, migrates: 16) }
        defer { for evictor in evictors { #expect(evictor.stop() == nil) } }
        try daemon.eventually(status: "memory goes to the host") { $0.evictingBytes > 0 }
        try daemon.eventually(status: "memory comes back") { $0.restoringBytes > 0 }
      }
    }

    @Test func memoryThatIsGivenBackIsSeen() throws {
      try TestDaemon.with(["Region.BlockSize": "64M", "Region.Blocks": "2"]) { daemon in
        try daemon.eventually("memory of a client that died is being given back") {
          let client = try daemon.client()
          let buffer = try client.allocate(60 << 20)
          try client.done("fill \(buffer) 1")
          client.end()
          var isSeen = false
          try daemon.eventually(status: "its memory is back") {
            isSeen = isSeen || $0.releasingBytes > 0
            return $0.sessions == 0
          }
          return isSeen
        }
      }
    }

    @Test func freeMemoryOfABlockThatLeavesIsSeen() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(3 << 20)
        try client.done("fill \(buffer) 7")
        let pin = try client.number("pin \(buffer) 0 \(3 << 20) 600000 20000")
        try daemon.offline([0, 1])
        let status = try daemon.status()
        #expect(status.blocksGoingOffline > 0 && status.isolatedBytes > 0)
        try client.done("unpin \(pin)")
      }
    }

    @Test func whatWasRefusedAndWhoIsThereIsCounted() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let before = try daemon.status()
        #expect(before.watermarkMinimumBytes > 0 && before.users == 0)
        #expect(before.blockBytes == 2 << 20)
        #expect(before.watermarkLowBytes >= before.watermarkMinimumBytes)
        #expect(before.watermarkHighBytes > before.watermarkLowBytes)
        let client = try daemon.client()
        #expect(try client.refused("allocate \(1 << 40) 128 0").reason == "overLimit")
        try daemon.eventually(status: "it is counted") {
          $0.refusedRequests == before.refusedRequests + 1 && $0.users == 1
        }
        try daemon.eventually(status: "time goes on") {
          $0.uptimeMilliseconds > before.uptimeMilliseconds
        }
        #expect(try daemon.session(of: client.process).ageMilliseconds < 1 << 32)
      }
    }
  }
}

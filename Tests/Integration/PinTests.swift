// Pins: what is pinned is resident and stays where it is, until the pin is given back, its lease
// has run out, or its holder is gone.

import CoherentControl
import CoherentSystem
import Glibc
import Testing

extension IntegrationTests {
  @Suite struct Pins {
    private static let settings = ["Leases.Maximum": "1h"]

    @Test func aPinnedRangeStaysWhereItIs() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(1 << 20)
        try client.done("fill \(buffer) 1")
        let pin = try client.number("pin \(buffer) \(256 << 10) \(512 << 10) 600000 20000")
        let report = try daemon.evictAll(session: try daemon.session(of: client.process))
        #expect(report.evictedFrames == 128 && report.skippedPinnedFrames == 128)
        #expect(
          try client.done("query \(buffer)")
            == ["stored:\(256 << 10)", "device:\(512 << 10)", "stored:\(256 << 10)"])
        try daemon.evictAll()
        #expect(try daemon.status().pinnedBytes == 512 << 10)
        #expect(try daemon.allocations()[0].pinnedBytes == 512 << 10)
        try client.done("unpin \(pin)")
        try daemon.evictAll()
        #expect(try client.done("query \(buffer)") == ["stored:\(1 << 20)"])
        try client.done("verify \(buffer) 1")
      }
    }

    @Test func aPinnedRangeIsNotMigratedAndNotDiscarded() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(1 << 20)
        try client.done("fill \(buffer) 1")
        let pin = try client.number("pin \(buffer) 0 \(1 << 20) 600000 20000")
        let refusal = try client.refused("migrate \(buffer) host 100")
        #expect(refusal.reason == "timedOut" && refusal.pinned == 1 << 20)
        #expect(refusal.holderProcess == client.process)
        #expect(try client.refused("advise \(buffer) discard").reason == "notMigratable")
        #expect(try client.done("query \(buffer)") == ["device:\(1 << 20)"])
        try client.done("unpin \(pin)")
        #expect(try client.done("migrate \(buffer) host 20000") == ["256", "0"])
        try client.done("verify \(buffer) 1")
      }
    }

    @Test func aPinBringsBackWhatWasEvicted() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(1 << 20)
        try client.done("fill \(buffer) 2")
        try daemon.evictAll()
        let pin = try client.number("pin \(buffer) 0 \(1 << 20) 600000 20000")
        #expect(try client.done("query \(buffer)") == ["device:\(1 << 20)"])
        try client.done("verify \(buffer) 2")
        try client.done("unpin \(pin)")
      }
    }

    @Test func aRangeIsPinnedUntilItsLastPinEnds() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(64 << 10)
        let pins = try (0..<3).map { _ in
          try client.number("pin \(buffer) 0 4096 600000 20000")
        }
        for pin in pins {
          try daemon.evictAll()
          #expect(try client.done("query \(buffer)").first == "device:4096")
          try client.done("unpin \(pin)")
        }
        try daemon.evictAll()
        #expect(try client.done("query \(buffer)") == ["stored:\(64 << 10)"])
      }
    }

    @Test func aLeaseEndsAtItsDeadline() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(64 << 10)
        try client.done("fill \(buffer) 3")
        let pin = try client.number("pin \(buffer) 0 4096 50 20000")
        try daemon.eventually(status: "its lease runs out") {
          $0.pins == 0 && $0.pinnedBytes == 0
        }
        try daemon.evictAll()
        #expect(try client.done("query \(buffer)") == ["stored:\(64 << 10)"])
        #expect(try client.refused("unpin \(pin)").reason == "leaseExpired")
        try client.done("verify \(buffer) 3")
      }
    }

    @Test func aLeaseEndsWithItsHolder() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let holder = try daemon.client()
        let buffer = try holder.allocate(4 << 20)
        try holder.done("fill \(buffer) 4")
        for _ in 0..<8 { try holder.done("pin \(buffer) 0 \(4 << 20) 3600000 20000") }
        #expect(try daemon.status().pins == 8)
        let other = try daemon.client()
        try other.begin("allocate \(6 << 20) 128 60000")
        try daemon.eventually(status: "it waits") { $0.waiters == 1 }
        try holder.kill(SIGKILL)
        #expect(try holder.exit() == .signal(SIGKILL))
        guard case .done = try other.answer(to: "allocate") else {
          throw TestFailure("it was not granted")
        }
        #expect(try daemon.status().pins == 0)
      }
    }

    @Test func aLeaseEndsWithItsAllocation() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(1 << 20)
        let pin = try client.number("pin \(buffer) 0 4096 600000 20000")
        try client.done("free \(buffer)")
        try daemon.eventually(status: "the pin has ended") { $0.pins == 0 && $0.deviceBytes == 0 }
        #expect(try client.refused("unpin \(pin)").detail == "unknownPin")
      }
    }

    @Test func pinnedMemoryIsRightUnderEverythingElse() throws {
      try TestDaemon.with(Self.settings.merging(["Region.Blocks": "2"]) { $1 }) { daemon in
        let client = try daemon.client()
        for _ in 0..<16 { try client.allocate(64 << 10) }
        try client.done("pin 3 0 65536 600000 20000")
        try client.done("pin 5 4096 8192 600000 20000")
        try client.done("write 2 29 0")
        let evictor = try Evictor(daemon, seed: 6, migrates: 5)
        defer { #expect(evictor.stop() == nil) }
        let evicted = try daemon.status().evictedFrames
        try daemon.eventually(status: "frames are evicted") { $0.evictedFrames > evicted + 3000 }
        #expect(try client.done("query 3") == ["device:65536"])
        try client.done("stop-writing")
      }
    }
  }
}

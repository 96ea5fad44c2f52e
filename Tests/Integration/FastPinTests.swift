// Pins that no message announces: they hold what they promise, they end, and whoever spoils them
// spoils his own.

import CoherentControl
import CoherentSystem
import Glibc
import Testing

extension IntegrationTests {
  @Suite struct FastPins {
    /// Nothing ends by itself.
    private static let patient = ["Leases.Default": "1h", "Leases.Maximum": "1h"]

    /// Allocates, fills, and has it lent out.
    @discardableResult
    private func lent(_ client: ClientProcess, _ bytes: Int, seed: Int = 1) throws -> Int {
      let buffer = try client.allocate(bytes)
      try client.done("fill \(buffer) \(seed)")
      let pin = try client.done("pin \(buffer) 0 \(bytes) 0 20000")
      #expect(pin[2] == "0", "the first pin is asked for")
      try client.done("unpin \(pin[0])")
      return buffer
    }

    /// Pins all of a buffer without a message; the pin's number.
    private func fast(_ client: ClientProcess, _ buffer: Int, _ bytes: Int) throws -> String {
      let pin = try client.done("pin \(buffer) 0 \(bytes) 0 20000")
      #expect(pin[2] == "1", "it is taken without a message")
      return pin[0]
    }

    @Test func aFastPinKeepsOutEvictionUntilItEnds() throws {
      try TestDaemon.with(Self.patient) { daemon in
        let client = try daemon.client()
        let bytes = 1 << 20
        let buffer = try lent(client, bytes)
        let pins = try (0..<3).map { _ in try fast(client, buffer, bytes) }
        for pin in pins {
          try daemon.evictAll()
          #expect(try client.done("query \(buffer)") == ["device:\(bytes)"])
          try client.done("unpin \(pin)")
        }
        try daemon.evictAll()
        #expect(try client.done("query \(buffer)") == ["stored:\(bytes)"])
        try client.done("verify \(buffer) 1")
        try lent(client, bytes)
      }
    }

    @Test func anEvictionThatWaitsGoesOnWhenTheLastPinEnds() throws {
      try TestDaemon.with(Self.patient) { daemon in
        let holder = try daemon.client()
        let buffer = try lent(holder, 6 << 20)
        let first = try fast(holder, buffer, 6 << 20)
        let second = try fast(holder, buffer, 6 << 20)
        let other = try daemon.client()
        try other.begin("allocate \(6 << 20) 128 60000")
        try daemon.eventually(status: "it waits") { $0.waiters == 1 }
        try holder.done("unpin \(first)")
        #expect(other.isStillBusy())
        #expect(try holder.done("query \(buffer)") == ["device:\(6 << 20)"])
        try holder.done("unpin \(second)")
        guard case .done = try other.answer(to: "allocate") else {
          throw TestFailure("it was not granted")
        }
        try holder.done("verify \(buffer) 1")
      }
    }

    @Test func aHolderThatNeverUnpinsIsRevokedAndHearsOfIt() throws {
      try TestDaemon.with { daemon in
        let holder = try daemon.client()
        let buffer = try lent(holder, 6 << 20)
        let pins = try (0..<2).map { _ in try fast(holder, buffer, 6 << 20) }
        let other = try daemon.client()
        try other.allocate(6 << 20, timeoutMilliseconds: 60_000)
        for pin in pins {
          #expect(try holder.refused("unpin \(pin)").reason == "leaseExpired")
        }
        let event = try holder.done("event 20000")
        let session = try daemon.session(of: holder.process).session
        let handle = try daemon.allocations().first { $0.session == session }?.allocation.rawValue
        #expect(event == ["\(handle ?? 0)", "2"])
        #expect(daemon.log.line(with: ["lease revoked"]) != nil)
        try holder.done("verify \(buffer) 1")
      }
    }

    @Test func aPinThatNobodyWaitsForIsRevokedByASweep() throws {
      try TestDaemon.with { daemon in
        let holder = try daemon.client()
        let buffer = try lent(holder, 1 << 20)
        let pin = try fast(holder, buffer, 1 << 20)
        #expect(try holder.done("event 60000").last == "1")
        #expect(try holder.refused("unpin \(pin)").reason == "leaseExpired")
      }
    }

    @Test func whoeverRenewsStarvesNoEviction() throws {
      try TestDaemon.with { daemon in
        let holder = try daemon.client()
        try lent(holder, 6 << 20)
        try holder.done("renew 0")
        try daemon.eventually("it renews") { try holder.number("toiled") > 1000 }
        let other = try daemon.client()
        for _ in 0..<3 {
          let buffer = try other.allocate(6 << 20, timeoutMilliseconds: 10_000)
          try other.done("free \(buffer)")
          let rounds = try holder.number("toiled")
          try daemon.eventually("it goes on renewing") { try holder.number("toiled") > rounds }
        }
        try holder.done("stop-toil")
        try holder.done("verify 0 1")
      }
    }

    @Test func aKilledHolderOfThousandsHoldsNothing() throws {
      try TestDaemon.with(Self.patient) { daemon in
        let holder = try daemon.client()
        for _ in 0..<500 { try holder.allocate(8 << 10) }
        #expect(try holder.number("pin-often 10") == 5000)
        let other = try daemon.client()
        try other.begin("allocate \(6 << 20) 128 60000")
        try daemon.eventually(status: "it waits") { $0.waiters == 1 }
        try holder.kill(SIGKILL)
        #expect(try holder.exit() == .signal(SIGKILL))
        guard case .done = try other.answer(to: "allocate") else {
          throw TestFailure("it was not granted")
        }
      }
    }

    @Test func whoeverScribblesSpoilsHisOwn() throws {
      try TestDaemon.with { daemon in
        let bystander = try Bystander(daemon)
        let other = try daemon.client()
        let hostile = try daemon.client()
        for seed in 0..<3 { try lent(hostile, 1 << 20, seed: seed) }
        for round in 0..<4 {
          try hostile.done("scribble \(round)")
          try daemon.eventually("it scribbles") { try hostile.number("toiled") > 3 }
          let buffer = try other.allocate(7 << 20, timeoutMilliseconds: 60_000)
          try other.done("fill \(buffer) \(round)")
          try other.done("verify \(buffer) \(round)")
          try bystander.expectProgress()
          try other.done("free \(buffer)")
          try hostile.done("stop-toil")
          for seed in 0..<3 { try hostile.done("verify \(seed) \(seed)") }
          for buffer in 0..<3 {
            let answer = try hostile.ask("pin \(buffer) 0 \(1 << 20) 0 20000")
            guard case .done = answer else { throw TestFailure("its own pins: \(answer)") }
          }
        }
        try hostile.done("punch-control")
        try other.allocate(7 << 20, timeoutMilliseconds: 60_000)
        for seed in 0..<3 { try hostile.done("verify \(seed) \(seed)") }
        try hostile.done("unmap-control")
        try other.done("free 4")
        for seed in 0..<3 { try hostile.done("verify \(seed) \(seed)") }
        try bystander.expectUnharmed()
      }
    }

    @Test func whoeverReadsNoEventsIsNotCutOff() throws {
      let settings = ["Leases.Default": "2s", "Requests.SlowReaderTimeout": "100ms"]
      try TestDaemon.with(settings) { daemon in
        let quiet = try daemon.client()
        for _ in 0..<600 { try quiet.allocate(4096) }
        try quiet.done("pin-often 1")
        // More events than its socket holds, and it asks for nothing meanwhile.
        try daemon.eventually(status: "a sweep sees its pins") { $0.pinnedBytes >= 500 * 4096 }
        try daemon.eventually(status: "all its pins are revoked") { $0.pinnedBytes == 0 }
        let slow = try RawClient.attached(daemon)
        try daemon.eventually("one that does not read its replies is cut off") {
          for _ in 0..<1000 {
            if slow.send(RawClient.packet(.statistics, 1)) == .closed { return true }
          }
          return false
        }
        #expect(try quiet.done("event 0").last == "1")
        try quiet.done("pin-often 1")
      }
    }

    @Test func noClientCanResizeTheControlMemory() throws {
      try TestDaemon.with { daemon in
        let client = try RawClient.attached(daemon)
        let welcome = try #require(client.welcome)
        let end = welcome.controlOffsetBytes + welcome.controlBytes
        for bytes in [0, welcome.controlOffsetBytes, end - 4096, end + 4096] {
          #expect(client.resizeFile(bytes) == EPERM)
        }
      }
    }

    @Test func whatIsPinnedStaysWhileOthersCauseEvictions() throws {
      try TestDaemon.with { daemon in
        let client = try daemon.client()
        for seed in 0..<24 {
          try client.allocate(256 << 10)
          try client.done("fill \(seed) \(seed)")
        }
        try client.done("pin-on 3")
        let evictor = try Evictor(daemon, seed: 8)
        let other = try daemon.client()
        let before = try daemon.status().evictedFrames
        try daemon.eventually(status: "frames are evicted, buffers are pinned") {
          let buffer = try other.allocate(3 << 20, timeoutMilliseconds: 60_000)
          try other.done("fill \(buffer) 1")
          try other.done("verify \(buffer) 1")
          try other.done("free \(buffer)")
          return try $0.evictedFrames > before + 5000 && client.number("toiled") > 5000
        }
        #expect(evictor.stop() == nil)
        try client.done("stop-toil")
        for seed in 0..<24 { try client.done("verify \(seed) \(seed)") }
      }
    }
  }
}

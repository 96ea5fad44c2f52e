// Too little memory: what gives way, what waits, what is refused with which numbers, and that
// nothing is ever lost by it.

import CoherentControl
import CoherentSystem
import Testing

extension IntegrationTests {
  @Suite struct Pressure {
    /// All of the device may be allocated, nothing is evicted in the background.
    private static let whole = [
      "Pressure.Min": "0%", "Pressure.Low": "0%", "Pressure.High": "0%", "Leases.Maximum": "1h",
    ]
    private static let device = 8 << 20

    @Test func anAllocationEvictsWhatIsInItsWay() throws {
      try TestDaemon.with(Self.whole) { daemon in
        let first = try daemon.client()
        let second = try daemon.client()
        let one = try first.allocate(6 << 20)
        try first.done("fill \(one) 1")
        let other = try second.allocate(6 << 20)
        try second.done("fill \(other) 2")
        let status = try daemon.status()
        #expect(status.evictedFrames >= (4 << 20) / 4096)
        try first.done("verify \(one) 1")
        try second.done("verify \(other) 2")
      }
    }

    @Test func lowPriorityGoesFirst() throws {
      try TestDaemon.with(Self.whole) { daemon in
        let client = try daemon.client()
        let important = try client.allocate(3 << 20, priority: 255)
        let unimportant = try client.allocate(3 << 20, priority: 0)
        let usual = try client.allocate(2 << 20)
        for buffer in [unimportant, usual, important] { try client.done("fill \(buffer) 9") }
        try client.allocate(2 << 20)
        #expect(try client.done("query \(important)") == ["device:\(3 << 20)"])
        #expect(try client.done("query \(usual)") == ["device:\(2 << 20)"])
        #expect(try daemon.status().storedBytes >= 2 << 20)
      }
    }

    @Test func thePagerKeepsFreeMemoryBetweenTheWatermarks() throws {
      let settings = [
        "Pressure.Min": "5%", "Pressure.Low": "25%", "Pressure.High": "50%",
        "Pressure.EvictionRun": "64K",
      ]
      try TestDaemon.with(settings) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(5 << 20)
        try client.done("fill \(buffer) 4")
        #expect(
          try daemon.status().evictedFrames == 0, "above the low watermark nothing is evicted")
        let more = try client.allocate(2 << 20)
        try client.done("fill \(more) 5")
        let status = try daemon.eventually(status: "free memory is above the high watermark") {
          $0.freeBytes >= $0.watermarkHighBytes && !$0.isUnderPressure
        }
        #expect(status.evictedFrames > 0)
        #expect(daemon.log.line(with: ["pressure began"]) != nil)
        #expect(daemon.log.line(with: ["pressure ended"]) != nil)
        try client.done("verify \(buffer) 4")
        try client.done("verify \(more) 5")
      }
    }

    /// Pressure that comes and goes is one line when it lasts and one when it is over, and what was
    /// refused is still remembered after it.
    @Test func pressureFillsNeitherTheLogNorTheMemoryOfOtherThings() throws {
      let settings = [
        "Pressure.Min": "5%", "Pressure.Low": "25%", "Pressure.High": "50%", "Log.Level": "info",
      ]
      try TestDaemon.with(settings) { daemon in
        let client = try daemon.client()
        _ = try client.refused("allocate \(512 << 20) 128 0")
        let buffers = try (0..<3).map { _ in try client.allocate(4 << 20) }
        var rounds = 0
        while !daemon.log.contents.contains("pressure began and lasts"), rounds < 10_000 {
          for buffer in buffers { try client.done("fill \(buffer) \(rounds)") }
          rounds += 1
        }
        #expect(daemon.log.line(with: ["pressure ended after"]) != nil)
        let lines = daemon.log.contents.split(separator: "\n").filter { $0.contains("pressure") }
        #expect(lines.count == 2, "\(lines)")
        var control = try daemon.control()
        var query = EventsQuery()
        query.kinds = [.refused]
        query.session = try daemon.session(of: client.process).session
        var events: [EventReport] = []
        try control.events(query, waiting: { _ in true }) { events += $0.events }
        #expect(events.count == 1 && events[0].process == client.process, "\(events)")
      }
    }

    @Test func aPinnedDeviceRefusesWithNumbersAndLosesNothing() throws {
      try TestDaemon.with(Self.whole) { daemon in
        let holder = try daemon.client()
        let buffer = try holder.allocate(Self.device)
        try holder.done("fill \(buffer) 6")
        let pin = try holder.number("pin \(buffer) 0 \(6 << 20) 600000 20000")
        let other = try daemon.client()
        for timeout in [0, 100] {
          let refusal = try other.refused("allocate \(4 << 20) 128 \(timeout)")
          #expect(refusal.reason == "outOfDeviceMemory" && refusal.detail == "none")
          #expect(refusal.asked == 4 << 20)
          #expect(refusal.available <= 2 << 20)
          #expect(refusal.pinned == 6 << 20)
          #expect(refusal.protected == 0)
          #expect(refusal.limit == Self.device)
          #expect(refusal.holderProcess == holder.process)
        }
        #expect(try daemon.status().waiters == 0)
        // What is not pinned gives way.
        try other.allocate(2 << 20)
        try holder.done("unpin \(pin)")
        try other.allocate(4 << 20)
        try holder.done("verify \(buffer) 6")
      }
    }

    @Test func anAllocationWaitsForAPinToEnd() throws {
      try TestDaemon.with(Self.whole) { daemon in
        let holder = try daemon.client()
        let buffer = try holder.allocate(Self.device)
        try holder.done("fill \(buffer) 8")
        let pin = try holder.number("pin \(buffer) 0 \(Self.device) 600000 20000")
        let other = try daemon.client()
        try other.begin("allocate \(2 << 20) 128 60000")
        try daemon.eventually(status: "it waits") { $0.waiters == 1 }
        #expect(other.isStillBusy())
        try holder.done("unpin \(pin)")
        guard case .done = try other.answer(to: "allocate") else {
          throw TestFailure("it was not granted")
        }
        try other.done("fill 0 3")
        try holder.done("verify \(buffer) 8")
        try other.done("verify 0 3")
      }
    }

    @Test func anAllocationWaitsForALeaseToRunOut() throws {
      try TestDaemon.with(Self.whole) { daemon in
        let holder = try daemon.client()
        let buffer = try holder.allocate(Self.device)
        try holder.done("fill \(buffer) 8")
        let pin = try holder.number("pin \(buffer) 0 \(Self.device) 300 20000")
        let other = try daemon.client()
        try other.allocate(2 << 20, timeoutMilliseconds: 60_000)
        #expect(try holder.refused("unpin \(pin)").reason == "leaseExpired")
        try holder.done("verify \(buffer) 8")
      }
    }

    @Test func aFaultNeverWaitsForAnybodysPin() throws {
      // What had to go to host memory comes back a run at a time.
      try TestDaemon.with(Self.whole.merging(["Pressure.EvictionRun": "2M"]) { $1 }) { daemon in
        let client = try daemon.client()
        let evicted = try client.allocate(2 << 20)
        try client.done("fill \(evicted) 10")
        try daemon.evictAll()
        let holder = try daemon.client()
        let buffer = try holder.allocate(Self.device)
        try holder.done("fill \(buffer) 11")
        let pin = try holder.number("pin \(buffer) 0 \(Self.device) 600000 20000")
        try client.done("verify \(evicted) 10")
        #expect(try client.done("query \(evicted)") == ["host:\(2 << 20)"])
        try client.done("fill \(evicted) 12")
        try client.done("verify \(evicted) 12")
        let status = try daemon.status()
        #expect(status.hostBytes == 2 << 20 && status.pinnedBytes == Self.device)
        try holder.done("unpin \(pin)")
        try holder.done("free \(buffer)")
        try daemon.eventually(status: "with room on the device, host memory is given back") {
          $0.hostBytes == 0 && $0.storedBytes == 2 << 20 && $0.freeBytes == $0.onlineBytes
        }
        try client.done("verify \(evicted) 12")
        #expect(try daemon.status().deviceBytes == 2 << 20)
      }
    }

    @Test func aFullHostRefusesAllocationsAndLosesNothing() throws {
      try TestDaemon.with(["Host.Limit": "12M", "Limits.UserShare": "100"]) { daemon in
        let client = try daemon.client()
        let buffers = try (0..<3).map { _ in try client.allocate(4 << 20) }
        for buffer in buffers { try client.done("fill \(buffer) \(buffer)") }
        let refusal = try client.refused("allocate \(1 << 20) 128 20000")
        #expect(refusal.reason == "outOfHostMemory")
        #expect(refusal.asked == 1 << 20 && refusal.available == 0)
        #expect(refusal.limit == 12 << 20)
        try daemon.evictAll()
        for buffer in buffers { try client.done("verify \(buffer) \(buffer)") }
        try client.done("free \(buffers[1])")
        try client.allocate(1 << 20)
      }
    }

    @Test func withoutOversubscriptionNothingIsEverEvicted() throws {
      try TestDaemon.with(Self.whole.merging(["Region.Oversubscribe": "no"]) { $1 }) { daemon in
        let first = try daemon.client()
        let buffer = try first.allocate(6 << 20)
        try first.done("fill \(buffer) 13")
        let second = try daemon.client()
        let refusal = try second.refused("allocate \(4 << 20) 128 100")
        #expect(refusal.reason == "outOfDeviceMemory")
        #expect(refusal.available == 2 << 20 && refusal.protected == 6 << 20)
        let report = try daemon.evictAll()
        #expect(report.evictedFrames == 0)
        #expect(try first.done("query \(buffer)") == ["device:\(6 << 20)"])
        try first.done("free \(buffer)")
        try second.allocate(4 << 20)
      }
    }
  }
}

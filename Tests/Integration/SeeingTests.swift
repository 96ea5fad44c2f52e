// What a real daemon says that its device does: who evicted whom, who waited for how long, and
// where everything lies, all through its control socket.

import CoherentControl
import CoherentSystem
import CoherentWire
import Testing

extension IntegrationTests {
  @Suite struct Seeing {
    /// All of the device may be allocated, nothing is evicted in the background.
    private static let whole = [
      "Pressure.Min": "0%", "Pressure.Low": "0%", "Pressure.High": "0%", "Leases.Maximum": "1h",
    ]

    /// Two clients that want three quarters of the device each, one after the other.
    private func crowd(_ daemon: TestDaemon) throws -> (first: ClientProcess, second: ClientProcess)
    {
      let first = try daemon.client()
      try first.allocate(6 << 20)
      try first.done("fill 0 1")
      let second = try daemon.client()
      try second.allocate(6 << 20)
      try second.done("fill 0 2")
      return (first, second)
    }

    private func followed(
      _ daemon: TestDaemon, _ body: (EventFollower) throws -> Void
    ) throws {
      let follower = try EventFollower(daemon)
      let result = Result { try body(follower) }
      #expect(follower.stop() == nil)
      try result.get()
    }

    @Test func aFollowerSeesEveryEvictionAndForWhom() throws {
      try TestDaemon.with(Self.whole) { daemon in
        try followed(daemon) { follower in
          let (first, second) = try crowd(daemon)
          let (one, other) = (
            try daemon.session(of: first.process), try daemon.session(of: second.process)
          )
          try first.done("verify 0 1")
          let status = try daemon.status()
          try daemon.eventually("every eviction and every restore was followed") {
            let events = follower.events
            func bytes(_ kind: EventKind) -> UInt64 {
              events.filter { $0.kind == kind }.reduce(0) { $0 + $1.bytes }
            }
            return bytes(.evicted) == status.evictedFrames * status.frameBytes
              && bytes(.restored) == status.restoredFrames * status.frameBytes
          }
          let events = follower.events
          #expect(follower.dropped == 0)
          #expect(events.map(\.number) == Array(1...UInt64(events.count)), "there are no gaps")
          let forSecond = events.filter { $0.kind == .evicted && $0.cause == "allocation" }
          #expect(!forSecond.isEmpty)
          for event in forSecond {
            #expect(event.session == one.session && event.process == first.process)
            #expect(event.bySession == other.session && event.byProcess == second.process)
            #expect(event.allocation != nil && event.text.contains("waits to allocate"))
          }
          #expect(events.contains { $0.kind == .restored && $0.cause == "access" })
          #expect(
            events.filter { $0.kind == .session && $0.cause == "began" }.map(\.process)
              == [first.process, second.process])
        }
      }
    }

    @Test func whyNamesWhoEvicted() throws {
      try TestDaemon.with(Self.whole) { daemon in
        let (first, second) = try crowd(daemon)
        let held = try daemon.allocations().first { $0.process == first.process }
        let allocation = try #require(held)
        var control = try daemon.control()
        let found = try control.why(
          WhyQuery(session: allocation.session, allocation: allocation.allocation))
        let why = try #require(found.why.first)
        #expect(found.why.count == 1 && why.sizeBytes == 6 << 20)
        #expect(
          why.untouchedBytes + why.deviceBytes + why.hostBytes + why.storedBytes == why.sizeBytes)
        #expect(why.reasons.reduce(0) { $0 + $1.bytes } == why.sizeBytes)
        let stored = try #require(why.reasons.first { $0.place == "stored" })
        #expect(stored.reason == "evicted" && stored.bytes >= 4 << 20)
        #expect(stored.text.contains("process \(second.process)"), "\(stored.text)")
        #expect(
          why.history.contains { $0.kind == .evicted && $0.byProcess == second.process })
        #expect(
          throws: ControlFailure.self, "a handle that there is not is named as such",
          performing: {
            var other = try daemon.control()
            _ = try other.why(WhyQuery(session: nil, allocation: HandleID(rawValue: 1 << 40)))
          })
      }
    }

    @Test func whySaysThatTheDeviceIsOfflineAndRepeatsNothing() throws {
      try TestDaemon.with(Self.whole) { daemon in
        let client = try daemon.client()
        try client.allocate(3 << 20)
        try client.done("fill 0 5")
        try daemon.offline([0, 1, 2, 3])
        try daemon.eventually(status: "all are offline") { $0.blocksOffline == 4 }
        let allocation = try #require(try daemon.allocations().first)
        func why() throws -> AllocationExplanation {
          var control = try daemon.control()
          let query = WhyQuery(session: nil, allocation: allocation.allocation)
          return try #require(try control.why(query).why.first)
        }
        let stored = try why()
        #expect(stored.reasons.map(\.bytes) == [3 << 20], "what reads alike is one")
        #expect(stored.reasons[0].text.contains("its memory block was going offline"))
        #expect(stored.reasons[0].text.hasSuffix("; the device is offline now"))
        for event in stored.history {
          #expect(!event.text.contains("session") && !event.text.contains("allocation"))
        }
        // Used again, it is in host memory, since there is no device.
        try client.done("verify 0 5")
        #expect(try why().reasons.map(\.text) == ["the device is offline"])
      }
    }

    @Test func whoWaitsStalls() throws {
      try TestDaemon.with(Self.whole) { daemon in
        let (first, second) = try crowd(daemon)
        try first.done("verify 0 1")
        let status = try daemon.status()
        for client in [first, second] {
          let session = try daemon.session(of: client.process)
          #expect(session.stallMicroseconds > 0)
          #expect(session.stallMicroseconds <= session.ageMilliseconds * 1000 + 1000)
        }
        var control = try daemon.control()
        let pressure = try control.pressure()
        #expect(status.stallMicroseconds > 0)
        #expect(pressure.some.totalMicroseconds >= status.stallMicroseconds)
        #expect(pressure.full.totalMicroseconds <= pressure.some.totalMicroseconds)
        #expect(pressure.full.totalMicroseconds > 0, "the first was alone for a while")
        try daemon.eventually("a period is over") {
          var control = try daemon.control()
          return try control.pressure().some.average10 > 0
        }
        let later = try control.pressure()
        #expect(later.some.totalMicroseconds == pressure.some.totalMicroseconds, "nobody waits")
      }
    }

    @Test func aRequestThatWaitsForAPinStalls() throws {
      try TestDaemon.with(Self.whole) { daemon in
        let holder = try daemon.client()
        try holder.allocate(8 << 20)
        try holder.done("fill 0 8")
        let pin = try holder.number("pin 0 0 \(8 << 20) 600000 20000")
        let other = try daemon.client()
        try other.begin("allocate \(2 << 20) 128 60000")
        try daemon.eventually("its stall goes on") {
          try daemon.session(of: other.process).stallMicroseconds > 50_000
        }
        try holder.done("unpin \(pin)")
        guard case .done = try other.answer(to: "allocate") else {
          throw TestFailure("it was not granted")
        }
        let stalled = try daemon.session(of: other.process).stallMicroseconds
        #expect(try daemon.session(of: other.process).stallMicroseconds == stalled)
      }
    }

    @Test func theMapCoversTheRegion() throws {
      try TestDaemon.with(Self.whole) { daemon in
        let client = try daemon.client()
        try client.allocate(3 << 20)
        try client.done("fill 0 3")
        let pin = try client.number("pin 0 0 \(1 << 20) 600000 20000")
        let session = try daemon.session(of: client.process)
        var control = try daemon.control()
        let map = try control.map()
        #expect(map.frameBytes == 4096)
        var end: UInt64 = 0
        for run in map.runs {
          #expect(run.firstFrame == end)
          end += run.frames
        }
        #expect(end == (8 << 20) / 4096)
        func bytes(_ isWanted: (MapRunReport) -> Bool) -> UInt64 {
          map.runs.filter(isWanted).reduce(0) { $0 + $1.frames * 4096 }
        }
        #expect(bytes { $0.state == .device } == 3 << 20)
        #expect(bytes { $0.state == .free } == 5 << 20)
        #expect(bytes { $0.isPinned } == 1 << 20)
        for run in map.runs where run.state == .device {
          #expect(run.session == session.session && run.process == client.process)
        }
        try client.done("unpin \(pin)")
      }
    }

    @Test func revocationsAndRefusalsAreRemembered() throws {
      try TestDaemon.with(Self.whole) { daemon in
        let holder = try daemon.client()
        try holder.allocate(8 << 20)
        try holder.done("fill 0 8")
        let pin = try holder.number("pin 0 0 \(8 << 20) 300 20000")
        let other = try daemon.client()
        let refusal = try other.refused("allocate \(2 << 20) 128 0")
        #expect(refusal.reason == "outOfDeviceMemory")
        try other.allocate(2 << 20, timeoutMilliseconds: 60_000)
        #expect(try holder.refused("unpin \(pin)").reason == "leaseExpired")
        var control = try daemon.control()
        var events: [EventReport] = []
        try control.events(EventsQuery(), waiting: { _ in true }) { events += $0.events }
        let refused = events.filter { $0.kind == .refused && $0.process == other.process }
        #expect(refused.map(\.cause) == ["device-full"] && refused.map(\.bytes) == [2 << 20])
        #expect(refused.map(\.byProcess) == [holder.process])
        let revoked = events.filter { $0.kind == .revoked }
        #expect(revoked.contains { $0.process == holder.process && $0.cause == "lease" })
      }
    }
  }
}

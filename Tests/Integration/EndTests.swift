// How clients end: whatever they were at, all they had returns, and the others go on.

import CoherentControl
import CoherentSystem
import Glibc
import Testing

extension IntegrationTests {
  @Suite struct Ends {
    enum End: String, CaseIterable {
      case exits = "exit 3"
      case crashes = "abort"
      case runsAnotherProgram = "exec /bin/true"
      case closes = "close"
      case isKilled
      case isKilledWhileStopped
    }

    /// What a client is at when it ends.
    enum Occupation: String, CaseIterable {
      case nothing
      case requests = "request 3"
      case faults = "write 3 1 1"
      case waitsForMemory = "wait-for-memory 6291456 60000"
      case holdsPins = "pin 0 0 1048576 600000 20000"
    }

    private static let settings = [
      "Leases.Maximum": "1h", "Pressure.Min": "0%", "Pressure.Low": "0%", "Pressure.High": "0%",
    ]

    @Test(arguments: Occupation.allCases)
    func everythingReturnsHoweverAClientEnds(occupation: Occupation) throws {
      try TestDaemon.with(Self.settings) { daemon in
        let bystander = try Bystander(daemon)
        let before = try daemon.status()
        // What makes others wait.
        let holder = try daemon.client()
        if occupation == .waitsForMemory {
          try holder.allocate(4 << 20)
          try holder.done("pin 0 0 \(4 << 20) 3600000 20000")
        }
        for end in End.allCases {
          let client = try daemon.client()
          try client.allocate(1 << 20)
          try client.done("fill 0 1")
          if occupation == .holdsPins {
            for _ in 0..<4 { try client.done(occupation.rawValue) }
          } else if occupation != .nothing {
            try client.done(occupation.rawValue)
          }
          try reach(occupation, daemon, client)
          try bring(client, to: end, occupation)
          try daemon.eventually(status: "after \(end) at \(occupation) its memory is back") {
            $0.sessions == before.sessions + 1 && $0.waiters == 0
              && $0.allocations == before.allocations + (occupation == .waitsForMemory ? 1 : 0)
          }
          try bystander.expectProgress()
          client.end()
        }
        holder.end()
        try bystander.expectUnharmed()
      }
    }

    private func reach(
      _ occupation: Occupation, _ daemon: TestDaemon, _ client: ClientProcess
    ) throws {
      switch occupation {
      case .nothing: break
      case .requests:
        try daemon.eventually("it asks") { try client.number("toiled") >= 2 }
      case .faults:
        let session = try daemon.session(of: client.process)
        try daemon.eventually("it faults") {
          try daemon.evictAll(session: session)
          return try daemon.session(of: client.process).faults > session.faults + 20
        }
      case .waitsForMemory:
        try daemon.eventually(status: "it waits") { $0.waiters == 1 }
      case .holdsPins:
        #expect(try daemon.status().pins == 4)
      }
    }

    private func bring(
      _ client: ClientProcess, to end: End, _ occupation: Occupation
    ) throws {
      switch end {
      case .isKilled:
        try client.kill(SIGKILL)
        #expect(try client.exit() == .signal(SIGKILL))
      case .isKilledWhileStopped:
        try client.kill(SIGSTOP)
        try client.kill(SIGKILL)
        #expect(try client.exit() == .signal(SIGKILL))
      case .crashes:
        try client.begin(end.rawValue)
        let exit = try client.exit()
        // A thread that was in its memory may be the one that crashes.
        #expect(exit == .signal(SIGABRT) || exit == .signal(SIGSEGV), "\(exit)")
      case .closes:
        // Threads that go on use unmapped memory then, and that ends the process.
        if occupation == .faults {
          try client.begin(end.rawValue)
          #expect(try client.exit() == .signal(SIGSEGV))
        } else if occupation == .requests {
          // As may one that was in its buffer for a moment; then there is no answer.
          _ = try? client.done(end.rawValue)
          _ = try? client.kill(SIGKILL)
        } else {
          try client.done(end.rawValue)
        }
      case .exits, .runsAnotherProgram:
        try client.begin(end.rawValue)
        let exit = try client.exit()
        #expect(exit == .status(end == .exits ? 3 : 0), "\(exit)")
      }
    }

    @Test func halfMadeSessionsReturnToo() throws {
      try TestDaemon.with { daemon in
        let bystander = try Bystander(daemon)
        for stage in 0..<4 {
          var client: RawClient? = try RawClient(daemon)
          if stage >= 1 { try client?.greet() }
          if stage >= 2 { _ = try client?.map() }
          if stage >= 3 { _ = try client?.attach() }
          if stage == 3 {
            client?.begin(
              .allocate(
                sizeBytes: 1 << 20, alignmentBytes: 0, timeoutMilliseconds: 1000, priority: 0))
          }
          client = nil
          try daemon.eventually(status: "stage \(stage) has gone") { $0.sessions == 1 }
        }
        try bystander.expectUnharmed()
      }
    }

    @Test func manyClientsDyingAtOnceGiveBackEverything() throws {
      try TestDaemon.with(["Region.Blocks": "8"]) { daemon in
        let bystander = try Bystander(daemon)
        let clients = try (0..<12).map { _ in try daemon.client() }
        for (index, client) in clients.enumerated() {
          for _ in 0..<4 { try client.allocate(512 << 10) }
          try client.done("write 1 \(index) 0")
        }
        let evictor = try Evictor(daemon, seed: 12)
        defer { #expect(evictor.stop() == nil) }
        let evicted = try daemon.status().evictedFrames
        try daemon.eventually(status: "they work under eviction") {
          $0.evictedFrames > evicted + 2000
        }
        for client in clients { try client.kill(SIGKILL) }
        try daemon.eventually(status: "they are gone") { $0.sessions == 1 }
        try bystander.expectUnharmed()
      }
    }

    @Test func aStoppingDaemonLeavesEveryClientItsData() throws {
      try TestDaemon.with { daemon in
        let clients = try (0..<3).map { _ in try daemon.client() }
        for (index, client) in clients.enumerated() {
          for buffer in 0..<3 {
            try client.allocate(2 << 20)
            try client.done("fill \(buffer) \(10 * index + buffer)")
          }
        }
        try daemon.evictAll()
        // Its last buffer was evicted and never touched again, the others were.
        try clients[0].done("verify 0 0")
        try daemon.expectStopsWith(clients: 3)
        for (index, client) in clients.enumerated() {
          for buffer in 0..<3 { try client.done("verify \(buffer) \(10 * index + buffer)") }
          #expect(try client.refused("allocate 4096 128 100").reason == "notConnected")
          for buffer in 0..<3 { try client.done("fill \(buffer) 77") }
          for buffer in 0..<3 { try client.done("verify \(buffer) 77") }
        }
      }
    }

    @Test func aStoppingDaemonRefusesWhatWaits() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let holder = try daemon.client()
        try holder.allocate(8 << 20)
        try holder.done("pin 0 0 \(8 << 20) 3600000 20000")
        let waiting = try daemon.client()
        try waiting.begin("allocate 4096 128 60000")
        try daemon.eventually(status: "it waits") { $0.waiters == 1 }
        try daemon.expectStopsWith(clients: 2)
        guard case .refused(let refusal) = try waiting.answer(to: "allocate") else {
          throw TestFailure("it was not refused")
        }
        #expect(["regionGoingOffline", "notConnected"].contains(refusal.reason))
      }
    }

    @Test func writersWriteOnThroughTheEndOfTheDaemon() throws {
      try TestDaemon.with(["Region.Blocks": "2"]) { daemon in
        let client = try daemon.client()
        for _ in 0..<16 { try client.allocate(256 << 10) }
        try client.done("write 4 31 0")
        let evictor = try Evictor(daemon, seed: 8)
        try daemon.eventually(status: "frames are evicted") { $0.evictedFrames >= 2000 }
        #expect(evictor.stop() == nil)
        try daemon.evictAll(session: try daemon.session(of: client.process))
        try daemon.expectStopsWith(clients: 1)
        let written = try client.number("written")
        while try client.number("written") <= written {}
        try client.done("stop-writing")
      }
    }
  }
}

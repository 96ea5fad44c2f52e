// Clients that mean harm, or are broken: whatever they do, a bystander works on and loses nothing,
// the log has a line about it, and all they had returns.

import CoherentControl
import CoherentSystem
import CoherentWire
import Glibc
import Testing

extension IntegrationTests {
  @Suite struct Hostile {
    @Test func aClientThatReadsNoRepliesIsCutOff() throws {
      try TestDaemon.with(["Requests.SlowReaderTimeout": "100ms"]) { daemon in
        let bystander = try Bystander(daemon)
        let client = try RawClient.attached(daemon)
        try daemon.eventually("it is cut off") {
          for _ in 0..<1000 {
            if client.send(RawClient.packet(.statistics, 1)) == .closed { return true }
          }
          return false
        }
        #expect(daemon.log.line(with: ["protocolViolation", "does not read its replies"]) != nil)
        try bystander.expectUnharmed()
      }
    }

    @Test func aFloodOfRequestsHarmsNobody() throws {
      try TestDaemon.with { daemon in
        let bystander = try Bystander(daemon)
        let floods = try (0..<3).map { _ in try RawClient.attached(daemon) }
        let packet = RawClient.packet(.statistics, 1)
        for _ in 0..<300 {
          for client in floods {
            for _ in 0..<50 { client.send(packet) }
            while !client.isQuiet {
              guard case .reply(_, .statistics) = try client.next() else {
                throw TestFailure("a flood of good requests is answered")
              }
            }
          }
        }
        try bystander.expectUnharmed()
      }
    }

    @Test func whoeverAsksOnAndOnForTooMuchAtOnceIsCutOff() throws {
      let settings = [
        "Requests.InFlight": "2", "Pressure.Min": "0%", "Pressure.Low": "0%",
        "Pressure.High": "0%", "Leases.Maximum": "1h",
      ]
      try TestDaemon.with(settings) { daemon in
        let holder = try daemon.client()
        try holder.allocate(4 << 20)
        try holder.done("pin 0 0 \(4 << 20) 3600000 20000")
        let bystander = try Bystander(daemon)
        let client = try RawClient.attached(daemon)
        let request = Request.allocate(
          sizeBytes: 6 << 20, alignmentBytes: 0, timeoutMilliseconds: 60_000, priority: 128)
        for _ in 0..<2 { client.begin(request) }
        try daemon.eventually(status: "two requests wait") { $0.waiters == 2 }
        var refusals = 0
        var last = try client.refusal(request)
        while last.detail == .tooManyRequests, refusals < 100_000 {
          #expect(last.reason == .overLimit && last.limit == 2)
          refusals += 1
          last = try client.refusal(request)
        }
        #expect(refusals >= 4, "a few too many are refused and harm nothing")
        #expect(last.reason == .protocolViolation && last.detail == .flood)
        #expect(try client.next() == .closed)
        #expect(daemon.log.line(with: ["protocolViolation", "flood"]) != nil)
        try daemon.eventually(status: "nothing of it waits") { $0.waiters == 0 }
        try bystander.expectUnharmed()
      }
    }

    @Test func garbageEndsItsOwnConnectionOnly() throws {
      try TestDaemon.with { daemon in
        let bystander = try Bystander(daemon)
        var random = SeededNumbers(seed: 77)
        for round in 0..<200 {
          let client = round % 2 == 0 ? try RawClient(daemon) : try RawClient.attached(daemon)
          let count = Int.random(in: 1...4096, using: &random)
          let packet = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
          client.send(packet)
          guard case .reply(_, .refused(let refusal)) = try client.next() else {
            throw TestFailure("garbage was not refused")
          }
          #expect(refusal.reason == .protocolViolation)
          #expect(try client.next() == .closed)
        }
        #expect(daemon.log.line(with: ["was not admitted"]) != nil)
        #expect(daemon.log.line(with: ["is ended: protocolViolation"]) != nil)
        try bystander.expectUnharmed()
      }
    }

    @Test func aStoppedClientsMemoryIsEvictedForOthersAndIsRightAfterwards() throws {
      try TestDaemon.with { daemon in
        let bystander = try Bystander(daemon)
        let stopped = try daemon.client()
        let buffer = try stopped.allocate(4 << 20)
        try stopped.done("fill \(buffer) 40")
        let busy = try daemon.client()
        for _ in 0..<8 { try busy.allocate(128 << 10) }
        try busy.done("write 2 3 0")
        // The one stopped at rest, the other in the middle of what it does.
        for client in [stopped, busy] {
          try client.kill(SIGSTOP)
          try daemon.eventually("it is stopped") { try isStopped(client.process) }
        }
        let other = try daemon.client()
        for round in 0..<4 {
          let needed = try other.allocate(6 << 20)
          try other.done("fill \(needed) \(round)")
          try other.done("verify \(needed) \(round)")
          try other.done("free \(needed)")
        }
        try daemon.evictAll(session: try daemon.session(of: stopped.process))
        #expect(try daemon.session(of: stopped.process).storedBytes == 4 << 20)
        try bystander.expectProgress()
        for client in [stopped, busy] { try client.kill(SIGCONT) }
        try stopped.done("verify \(buffer) 40")
        #expect(try busy.number("stop-writing") > 0)
        try bystander.expectUnharmed()
      }
    }

    private func isStopped(_ process: Int32) throws -> Bool {
      let bytes = try SmallFile.read(path: "/proc/\(process)/stat", maximumBytes: 4096)
      let text = String(decoding: bytes, as: UTF8.self)
      return text[text.lastIndex(of: ")")!...].dropFirst(2).first == "T"
    }

    /// What a client does to its own memory, and how it ends by that, if it does.
    enum OwnHarm: String, CaseIterable {
      case unmapsItsArena = "unmap-arena"
      case unmapsABuffer = "unmap 0"
      case punchesABuffer = "punch 0"
      case forgetsABuffer = "forget 0"
      case protectsABuffer = "protect 0"
      case makesItsUserfaultBlocking = "clear-non-blocking"
      case closesItsUserfault = "close-userfault"
    }

    @Test(arguments: OwnHarm.allCases)
    func whatAClientDoesToItsOwnMemoryHarmsNobodyElse(harm: OwnHarm) throws {
      try TestDaemon.with { daemon in
        let bystander = try Bystander(daemon)
        let client = try daemon.client()
        for _ in 0..<4 { try client.allocate(1 << 20) }
        for buffer in 0..<4 { try client.done("fill \(buffer) 50") }
        try daemon.evictAll(session: try daemon.session(of: client.process))
        try client.done("verify 0 50")
        try client.done(harm.rawValue)
        // The daemon goes on moving what it believes to be there, out and in.
        for _ in 0..<3 {
          try daemon.evictAll()
          try bystander.expectProgress()
          if harm != .unmapsItsArena, harm != .makesItsUserfaultBlocking {
            _ = try client.ask("migrate 0 device 5000")
            try client.done("verify 1 50")
            _ = try client.ask("migrate 0 host 5000")
          }
        }
        switch harm {
        case .unmapsItsArena, .unmapsABuffer, .protectsABuffer:
          try client.begin("verify 0 50")
          #expect(try client.exit() == .signal(SIGSEGV))
        case .punchesABuffer:
          // What it gave away is gone, for it alone; it reads something and does not hang.
          _ = try client.ask("verify 0 50")
          try client.done("verify 2 50")
        case .forgetsABuffer, .closesItsUserfault:
          for buffer in 0..<4 { try client.done("verify \(buffer) 50") }
        case .makesItsUserfaultBlocking:
          // It is served, or shown out; then its memory is not to be had.
          try client.begin("verify 1 50")
          if client.isStillBusy(milliseconds: 2000) { try client.kill(SIGKILL) }
        }
        client.end()
        try daemon.eventually(status: "it has gone") { $0.sessions == 1 }
        try bystander.expectUnharmed()
      }
    }

    @Test func clearingTheFlagForEverIsLogged() throws {
      try TestDaemon.with { daemon in
        let bystander = try Bystander(daemon)
        let client = try daemon.client()
        try client.allocate(1 << 20)
        try client.done("fill 0 1")
        func isShownOut() throws -> Bool {
          try !daemon.sessions().contains { $0.process == client.process }
        }
        let session = try daemon.session(of: client.process)
        while try !isShownOut() {
          _ = try? daemon.evictAll(session: session)
          try client.done("clear-non-blocking")
          // It faults; once it is shown out nobody serves that, and its own library ends it.
          try client.begin("verify 0 1")
          guard let answer = try? client.answer(to: "verify") else {
            #expect(try client.exit() == .signal(SIGBUS))
            break
          }
          #expect(answer == .done([]))
        }
        #expect(daemon.log.line(with: ["session", "\(client.process)", "userfaultfd"]) != nil)
        try bystander.expectUnharmed()
      }
    }

    @Test func touchingWhatIsNotAllocatedKillsTheOneWhoDoes() throws {
      try TestDaemon.with { daemon in
        let bystander = try Bystander(daemon)
        let client = try daemon.client()
        try client.allocate(1 << 20)
        try client.begin("touch-outside")
        #expect(try client.exit() == .signal(SIGBUS))
        #expect(daemon.log.line(with: ["\(client.process)", "nothing is allocated"]) != nil)
        try bystander.expectUnharmed()
      }
    }

    @Test(arguments: [false, true])
    func touchingWhatWasFreedKillsTheOneWhoDoes(_ isEvicted: Bool) throws {
      try TestDaemon.with { daemon in
        let bystander = try Bystander(daemon)
        let client = try daemon.client()
        let buffer = try client.allocate(1 << 20)
        try client.done("fill \(buffer) 1")
        if isEvicted { try daemon.evictAll() }
        try client.done("free \(buffer)")
        try daemon.eventually(status: "its memory is given back") {
          $0.allocations == 8
        }
        try client.begin("verify \(buffer) 1")
        #expect(try client.exit() == .signal(SIGBUS))
        try bystander.expectUnharmed()
      }
    }
  }
}

// What the daemon may have at most, and what it does when that has run out: nobody is blamed for
// it, whoever is refused hears why, and it goes on.

import CoherentControl
import CoherentSystem
import Glibc
import Testing

extension IntegrationTests {
  @Suite struct DaemonMeans {
    /// As `DescriptorBudget` counts them.
    private static let descriptorsPerSession = 7
    private static let descriptorsInCommon = 64

    private func openDescriptors(_ daemon: TestDaemon) throws -> Int {
      try Directory.names(path: "/proc/\(daemon.process)/fd").count
    }

    @Test func aSessionTakesAsManyDescriptorsAsAreCountedForIt() throws {
      try TestDaemon.with { daemon in
        let first = try daemon.client()
        let before = try openDescriptors(daemon)
        for _ in 0..<4 { _ = try daemon.client() }
        #expect(try openDescriptors(daemon) == before + 4 * Self.descriptorsPerSession)
        #expect(before <= Self.descriptorsInCommon)
        first.end()
      }
    }

    @Test func whomItHasNoDescriptorsForIsToldSoAndTheOthersGoOn() throws {
      try TestDaemon.with(["Limits.UserShare": "100"], limits: "ulimit -n 100") { daemon in
        #expect(daemon.log.line(with: ["warning: at most 5 sessions instead of 256"]) != nil)
        let clients = try (0..<5).map { _ in try daemon.client() }
        let late = try daemon.client(connects: false)
        let refusal = try late.refused("connect")
        #expect(refusal.reason == "overLimit" && refusal.limit == 5, "\(refusal)")
        for client in clients {
          try client.allocate(64 << 10)
          try client.done("fill 0 3")
        }
        try daemon.evictAll()
        for client in clients { try client.done("verify 0 3") }
        #expect(try daemon.status().misbehavedClients == 0)
        clients[0].end()
        try daemon.eventually("there is room again") {
          if case .done = try late.ask("connect") { true } else { false }
        }
      }
    }

    @Test func whoIsNotAcceptedForWantOfDescriptorsWaitsAndTheLoopDoesNotSpin() throws {
      try TestDaemon.with(["Requests.AttachTimeout": "60s"], limits: "ulimit -n 90") { daemon in
        let client = try daemon.client()
        var idle: [RawClient] = []
        for _ in 0..<100 { idle.append(try RawClient(daemon)) }
        #expect(daemon.log.line(with: ["nobody can be accepted for now", "EMFILE"]) != nil)
        try client.allocate(64 << 10)
        try client.done("fill 0 3")
        try client.done("verify 0 3")
        idle = []
        let late = try daemon.client()
        try late.allocate(4096)
        let lines = daemon.log.contents.split(separator: "\n")
        #expect(lines.count { $0.contains("nobody can be accepted for now") } <= 20)
        #expect(try daemon.status().misbehavedClients == 0)
      }
    }

    @Test func moreSessionsThanThereAreDescriptorsForAreRefusedByNameWhereAFileSaysThem() throws {
      let directory = try Directory.createTemporary(prefix: "coherentd-test-")
      defer { try? Directory.removeEmpty(path: directory) }
      let path = "\(directory)/conf"
      defer { try? SmallFile.remove(path: path) }
      for (sessions, status) in [("500", CInt(78)), ("133", 0), ("", 0)] {
        let settings = DaemonSettings(["Limits.Sessions": sessions], directory: directory)
        try SmallFile.write(path: path, Array(settings.text.utf8))
        let run = try ProgramRun(
          .daemon, ["--config", path, "--check-config"], limits: "ulimit -n 1000")
        #expect(run.exit == .status(status), "\(sessions): \(run.complaint)")
        guard status != 0 else { continue }
        for part in ["[Limits] Sessions=500: expected at most 133", "3564", "1000", "LimitNOFILE="]
        {
          #expect(run.complaint.contains(part), "\(part) in \(run.complaint)")
        }
        let start = try ProgramRun(.daemon, ["--config", path], limits: "ulimit -n 1000")
        #expect(start.exit == .status(78))
      }
    }

    @Test func aLimitOfFileSizesThatIsTooSmallIsSaidAtTheStart() throws {
      let directory = try Directory.createTemporary(prefix: "coherentd-test-")
      defer { try? Directory.removeEmpty(path: directory) }
      let path = "\(directory)/conf"
      try SmallFile.write(
        path: path, Array(DaemonSettings([:], directory: directory).text.utf8))
      defer { try? SmallFile.remove(path: path) }
      let run = try ProgramRun(.daemon, ["--config", path], limits: "ulimit -f 1000")
      #expect(run.exit == .status(71))
      #expect(run.complaint.contains("may have 1000 KiB at most"), "\(run.complaint)")
      #expect(run.complaint.contains("LimitFSIZE="))
    }

    @Test func clientsThatAreKilledWhileTheyConnectHaveNotMisbehaved() throws {
      try TestDaemon.with { daemon in
        for round in 0..<40 {
          let client = try daemon.client(connects: false)
          try client.begin("connect")
          let now = Clock.monotonicNanoseconds()
          let pause = UInt64(round) * 250_000
          while Clock.monotonicNanoseconds() < now + pause {}
          client.end()
        }
        try daemon.eventually(status: "all have gone") { $0.sessions == 0 }
        #expect(try daemon.status().misbehavedClients == 0)
      }
    }
  }
}

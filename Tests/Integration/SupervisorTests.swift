// The daemon and its supervisor: readiness, the status line, reloads with good and bad files, signs
// of life, and the end. The supervisor is the tests' own socket.

import CoherentSystem
import Glibc
import Testing

extension IntegrationTests {
  @Suite struct Supervised {
    /// Room for two sessions, of which one user may have both.
    private static let two = ["Limits.Sessions": "2", "Limits.UserShare": "100"]

    private func write(
      _ daemon: TestDaemon, _ overrides: [String: String], extra: String = ""
    ) throws {
      let settings = DaemonSettings(
        Self.two.merging(overrides) { $1 }, directory: daemon.directory)
      try SmallFile.write(path: "\(daemon.directory)/conf", Array((settings.text + extra).utf8))
    }

    @Test func readinessComesWithALineAboutTheDeviceAndTheEndIsAnnounced() throws {
      let socket = try NotifySocket()
      try TestDaemon.with(environment: socket.environment()) { daemon in
        let ready = try socket.next("ready") { $0["READY"] == "1" }
        #expect(ready.message["STATUS"]?.hasPrefix("8 MiB device memory, 8 MiB free") == true)
        #expect(daemon.log.line(with: ["memory blocks 0-3 are online"]) != nil)
        let client = try daemon.client()
        let buffer = try client.allocate(3 << 20)
        let status = try socket.next(from: ready.number, "the allocation shows") {
          $0["STATUS"]?.contains("5 MiB free") == true
        }
        #expect(status.message["STATUS"]?.contains("1 session, 1 allocation") == true)
        #expect(status.message["READY"] == nil)
        try client.done("fill \(buffer) 1")
        try daemon.evictAll()
        try daemon.expectStopsWith(clients: 1)
      }
      let stopping = try socket.next("stopping") { $0["STOPPING"] == "1" }
      #expect(stopping.message["STATUS"] == "stopping: 0 of 1 sessions have their data")
      #expect((stopping.message["EXTEND_TIMEOUT_USEC"].flatMap { UInt64($0) } ?? 0) > 0)
    }

    @Test func aReloadAppliesWhatCanChangeAndNamesTheRest() throws {
      let socket = try NotifySocket()
      try TestDaemon.with(Self.two, environment: socket.environment()) { daemon in
        let first = try socket.next("ready") { $0["READY"] == "1" }
        let clients = try (0..<2).map { _ in try RawClient.attached(daemon) }
        try write(daemon, ["Limits.Sessions": "3", "Region.Blocks": "2", "Pressure.Low": "6%"])
        let before = Clock.monotonicNanoseconds() / 1000
        try daemon.send(signal: SIGHUP)
        let begun = try socket.next(from: first.number, "reloading") { $0["RELOADING"] == "1" }
        let stamp = begun.message["MONOTONIC_USEC"].flatMap { UInt64($0) } ?? 0
        #expect(before <= stamp && stamp <= Clock.monotonicNanoseconds() / 1000)
        let ended = try socket.next(from: begun.number, "ready again") { $0["READY"] == "1" }
        #expect(ended.message["STATUS"]?.contains("refused") == false)
        #expect(
          daemon.log.line(with: ["configuration reloaded", "Sessions=3", "Low=6%"]) != nil)
        #expect(
          daemon.log.line(with: [
            "[Region] Blocks stays at 4 until restart", "/conf:", "says 2",
          ]) != nil)
        #expect(try RawClient.attached(daemon).ask(.statistics) != .freed)
        let status = try daemon.status()
        #expect(status.blocks == 4 && status.watermarkLowBytes == (8 << 20) * 6 / 100 / 4096 * 4096)
        for client in clients {
          guard case .statistics = try client.ask(.statistics) else {
            throw TestFailure("a client was lost")
          }
        }
      }
    }

    @Test func aBadFileChangesNothingAndTheServiceStaysUp() throws {
      let socket = try NotifySocket()
      try TestDaemon.with(Self.two, environment: socket.environment()) { daemon in
        let first = try socket.next("ready") { $0["READY"] == "1" }
        let client = try RawClient.attached(daemon)
        try write(
          daemon, ["Limits.Sessions": "1"], extra: "[Log]\nLevel=loud\n[Regoin]\nBlocks=1\n")
        try daemon.send(signal: SIGHUP)
        let begun = try socket.next(from: first.number, "reloading") { $0["RELOADING"] == "1" }
        let ended = try socket.next(from: begun.number, "ready again") { $0["READY"] == "1" }
        #expect(
          ended.message["STATUS"]?.hasSuffix("the last reload was refused, problems: 2") == true)
        #expect(daemon.log.line(with: ["Level=loud: expected one of"]) != nil)
        #expect(daemon.log.line(with: ["unknown section; did you mean [Region]?"]) != nil)
        #expect(daemon.log.line(with: ["not reloaded", "problems: 2"]) != nil)
        #expect(try RawClient.attached(daemon).ask(.statistics) != .freed)
        guard case .statistics = try client.ask(.statistics) else {
          throw TestFailure("a client was lost")
        }
        try write(daemon, ["Limits.Sessions": "1"])
        try daemon.send(signal: SIGHUP)
        let mended = try socket.next(from: ended.number + 1, "ready") { $0["READY"] == "1" }
        #expect(mended.message["STATUS"]?.contains("refused") == false)
        let late = try RawClient(daemon)
        #expect(
          try late.refusal(.hello(lowestVersion: 1, highestVersion: 1)).detail == .tooManySessions)
      }
    }

    @Test func coherentctlReloadsAndHearsWhatCameOfIt() throws {
      try TestDaemon.with(Self.two) { daemon in
        try write(daemon, ["Limits.Sessions": "3", "Arena.Size": "32M"])
        let good = try ProgramRun(.control, ["reload", "--socket", daemon.controlPath])
        #expect(good.exit == .status(0), "\(good.complaint)")
        #expect(good.output.contains("[Limits] Sessions: 2 is 3 now"))
        #expect(good.output.contains("[Arena] Size stays at 64M until restart"))
        try write(daemon, ["Limits.Sessions": "none"])
        let bad = try ProgramRun(.control, ["reload", "--socket", daemon.controlPath])
        #expect(bad.exit == .status(1) && bad.output == "")
        #expect(bad.complaint.contains("Sessions=none: expected a whole number"))
        let clients = try (0..<3).map { _ in try RawClient.attached(daemon) }
        #expect(clients.count == 3)
      }
    }

    @Test func signsOfLifeComeAlsoWhileAClientIsStopped() throws {
      let socket = try NotifySocket()
      let environment = socket.environment(watchdogMicroseconds: 100_000)
      try TestDaemon.with(environment: environment) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(4 << 20)
        try client.done("fill \(buffer) 1")
        kill(client.process, SIGSTOP)
        try daemon.evictAll()
        var from = socket.all.count
        for _ in 0..<10 {
          from = try socket.next(from: from, "a sign of life") { $0["WATCHDOG"] == "1" }.number + 1
        }
        kill(client.process, SIGCONT)
        try client.done("verify \(buffer) 1")
        #expect(!daemon.log.contents.contains("no sign of life"))
      }
    }

    @Test func signsOfLifeAreForTheProcessThatTheyAreAskedOf() throws {
      let socket = try NotifySocket()
      let environment = socket.environment(watchdogMicroseconds: 2000) + ["WATCHDOG_PID=1"]
      try TestDaemon.with(environment: environment) { daemon in
        let client = try daemon.client()
        _ = try client.allocate(1 << 20)
        _ = try socket.next("the allocation shows") {
          $0["STATUS"]?.contains("1 allocation") == true
        }
      }
      _ = try socket.next("the end") { $0["STOPPING"] == "1" }
      #expect(!socket.all.contains { $0["WATCHDOG"] != nil })
    }
  }
}

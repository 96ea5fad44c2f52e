// Nobody reads what the daemon says: its log, or what it tells its supervisor. Clients, requests
// and the end of the daemon do not wait for that, and what was left out is counted.

import CoherentControl
import CoherentSystem
import Glibc
import Testing

extension IntegrationTests {
  @Suite struct LogStall {
    /// Oscillates around the watermarks: the daemon has much to say.
    private static let settings = ["Pressure.Low": "25%", "Pressure.High": "50%"]

    /// Makes a client work under pressure; every byte must be right.
    private func work(_ client: ClientProcess, _ rounds: Int) throws {
      let buffers = try (0..<3).map { _ in try client.allocate(4 << 20) }
      for round in 0..<rounds {
        for buffer in buffers { try client.done("fill \(buffer) \(round + buffer)") }
        for buffer in buffers { try client.done("verify \(buffer) \(round + buffer)") }
      }
    }

    @Test func aFullPipeHoldsUpNobodyAndWhatIsMissingIsSaidLater() throws {
      try TestDaemon.withUnreadLog(Self.settings) { daemon in
        let client = try daemon.client()
        try work(client, 3)
        // Each order is a line at least.
        let status = try daemon.eventually(status: "lines are left out") { status in
          for _ in 0..<200 { _ = try RawClient.attached(daemon) }
          return status.droppedLogLines > 0
        }
        let run = try ProgramRun(.control, ["status", "--socket", daemon.controlPath])
        #expect(run.output.contains(" left out"), "\(run.output)")
        #expect(status.lostFrames == 0)
        try work(client, 1)
        try daemon.readLog()
        #expect(daemon.log.line(with: ["of the log left out here"]) != nil)
        try work(client, 1)
      }
    }

    @Test func aDaemonEndsWhileNobodyReadsItsLog() throws {
      try TestDaemon.withUnreadLog(Self.settings) { daemon in
        let client = try daemon.client()
        try work(client, 1)
        for _ in 0..<50 { _ = try RawClient.attached(daemon) }
        try daemon.send(signal: SIGTERM)
        #expect(daemon.hasEnded(withinMilliseconds: 60_000))
        try client.done("verify 0 0")
        try daemon.readLog()
      }
    }

    @Test func aReaderOfTheLogThatLeavesIsNoReasonToEnd() throws {
      try TestDaemon.withUnreadLog(Self.settings) { daemon in
        let client = try daemon.client()
        daemon.closeLog()
        try work(client, 2)
        for _ in 0..<20 { _ = try RawClient.attached(daemon) }
        try daemon.eventually(status: "lines are counted that nobody took") {
          $0.droppedLogLines > 0
        }
      }
    }

    @Test func aSupervisorThatTakesNothingHoldsUpNobodyAndHearsAllOfItLater() throws {
      let socket = try NotifySocket(isRead: false)
      socket.fill()
      try TestDaemon.with(environment: socket.environment()) { daemon in
        let client = try daemon.client()
        try work(client, 1)
        #expect(daemon.log.line(with: ["the supervisor takes no messages", "to store"]) != nil)
        _ = try RawClient.attached(daemon)
        try daemon.eventually(status: "one session is left") { $0.sessions == 1 }
        try socket.beginReading()
        let ready = try socket.next("ready") { $0["READY"] == "1" }
        _ = try socket.next(from: 0, "the region") { $0["FDNAME"] == "region" }
        _ = try socket.next(from: ready.number, "the session") {
          $0["FDSTORE"] == "1" && $0["FDNAME"] == "s1"
        }
        #expect(daemon.log.line(with: ["the supervisor has taken everything"]) != nil)
        #expect(socket.store.names.contains("s1") && !socket.store.names.contains("s2"))
        // And the state is whole: the next daemon goes on with it.
        try daemon.dieAndGoOn(socket.store)
        try client.done("verify 0 0")
      }
    }

    @Test func aDaemonEndsWhileItsSupervisorTakesNothing() throws {
      let socket = try NotifySocket(isRead: false)
      socket.fill()
      try TestDaemon.with(environment: socket.environment(watchdogMicroseconds: 4_000_000)) {
        let client = try $0.client()
        try work(client, 1)
        try $0.expectStopsWith(clients: 1)
      }
    }
  }
}

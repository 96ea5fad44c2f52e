// Clients that keep the lock of their own memory file, so that every call of the daemon on it
// waits: their own session ends, by name, what they hold is counted as withheld, and nobody else
// waits, at no time: in service, while the daemon stops, is replaced or starts.

import CoherentControl
import CoherentSystem
import Glibc
import Testing

extension IntegrationTests {
  @Suite(.enabled(if: Process.effectiveUser == 0, "needs userfaultfd in full mode")) struct HeldUp {
    private static let settings = ["Requests.FaultTimeout": "500ms"]

    /// A client of 1 MiB, all of it evicted but for what a bystander has.
    private func evictedClient(_ daemon: TestDaemon) throws -> ClientProcess {
      let client = try daemon.client()
      let buffer = try client.allocate(1 << 20)
      try client.done("fill \(buffer) 1")
      try daemon.evictAll(session: try daemon.session(of: client.process))
      return client
    }

    /// Has the pager meet the lock: by the fault that the write waits in, or by an eviction.
    private func press(_ daemon: TestDaemon, _ client: ClientProcess) throws {
      var order = EvictionOrder()
      order.session = try daemon.session(of: client.process).session
      order.timeoutMilliseconds = 1
      var control = try daemon.control()
      _ = try? control.evict(order)
    }

    @Test func whoWritesFromItsOwnMissingMemoryEndsItsOwnSessionOnly() throws {
      let socket = try NotifySocket()
      let environment = socket.environment(watchdogMicroseconds: 400_000)
      try TestDaemon.with(Self.settings, environment: environment) { daemon in
        let bystander = try Bystander(daemon)
        let client = try evictedClient(daemon)
        try client.done("lock-file 0")
        try bystander.expectProgress()
        try daemon.eventually(status: "it is counted") { $0.misbehavedClients == 1 }
        let words = ["process \(client.process)", "memory file resists the pager"]
        #expect(daemon.log.line(with: words) != nil)
        try daemon.eventually(status: "its session is gone") {
          $0.sessions == 1 && $0.withheldBytes == 0
        }
        try daemon.eventually("its write goes on") { try client.number("file-is-let-go") == 1 }
        #expect(!daemon.log.contents.contains("no sign of life"))
        try bystander.expectUnharmed()
      }
    }

    @Test func whatIsKeptForEverIsCountedAsWithheldUntilItComesBack() throws {
      let socket = try NotifySocket()
      let environment = socket.environment(watchdogMicroseconds: 400_000)
      try TestDaemon.with(Self.settings, environment: environment) { daemon in
        let bystander = try Bystander(daemon)
        let client = try daemon.client()
        let buffer = try client.allocate(2 << 20)
        try client.done("fill \(buffer) 1")
        // Reserved, never touched: that comes back at once.
        try client.allocate(1 << 20)
        try client.done("lock-file-for-ever")
        try press(daemon, client)
        let status = try daemon.eventually(status: "its memory is withheld") {
          $0.misbehavedClients == 1 && $0.withheldBytes > 0
        }
        #expect(status.withheldBytes <= 3 << 20)
        try daemon.eventually(status: "what was reserved is free again") {
          $0.reservedBytes == 0 && $0.withheldBytes == 2 << 20
        }
        let session = try daemon.session(of: client.process)
        #expect(session.state == .ending && session.withheldBytes == 2 << 20)
        // Others go on with all the rest, and are told the truth about it.
        let other = try daemon.client()
        let needed = try other.allocate(4 << 20)
        for round in 0..<3 {
          try other.done("fill \(needed) \(round)")
          try other.done("verify \(needed) \(round)")
        }
        try bystander.expectProgress()
        #expect(!daemon.log.contents.contains("no sign of life"))
        client.end()
        try daemon.eventually(status: "all of it comes back") { $0.withheldBytes == 0 }
        other.end()
        try bystander.expectUnharmed()
      }
    }

    @Test func manyThreadsThatWriteIntoTheirFileHoldUpThemselvesOnly() throws {
      let socket = try NotifySocket()
      let environment = socket.environment(watchdogMicroseconds: 400_000)
      try TestDaemon.with(environment: environment) { daemon in
        let bystander = try Bystander(daemon)
        let client = try daemon.client()
        let buffer = try client.allocate(1 << 20)
        try client.done("fill \(buffer) 1")
        try client.done("lock-file-often 200 1")
        for _ in 0..<4 {
          try press(daemon, client)
          try bystander.expectProgress()
        }
        #expect(!daemon.log.contents.contains("no sign of life"))
        client.end()
        try bystander.expectUnharmed()
      }
    }

    @Test func aStopDoesNotWaitForWhoKeepsTheLock() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let client = try evictedClient(daemon)
        let other = try daemon.client()
        let buffer = try other.allocate(1 << 20)
        try other.done("fill \(buffer) 7")
        try client.done("lock-file 0")
        try daemon.stopWhile {
          try other.done("verify \(buffer) 7")
        }
      }
    }

    @Test func aRestartDoesNotWaitForWhoKeepsTheLock() throws {
      let socket = try NotifySocket()
      try TestDaemon.with(environment: socket.environment()) { daemon in
        let client = try evictedClient(daemon)
        let other = try daemon.client()
        let buffer = try other.allocate(1 << 20)
        try other.done("fill \(buffer) 7")
        try client.done("lock-file 0")
        try daemon.eventually(status: "its pager has met the lock") { $0.faults > 0 }
        try daemon.send(signal: SIGUSR2)
        try daemon.goOn(socket.store)
        try other.done("verify \(buffer) 7")
        // By the end of the last daemon, or by the next one, if the lock was met there only.
        try daemon.eventually(status: "who keeps the lock is ended") { $0.sessions == 1 }
      }
    }

    @Test func aStartDoesNotWaitForWhoTookTheLockMeanwhile() throws {
      let socket = try NotifySocket()
      try TestDaemon.with(Self.settings, environment: socket.environment()) { daemon in
        let client = try evictedClient(daemon)
        let other = try daemon.client()
        let buffer = try other.allocate(1 << 20)
        try other.done("fill \(buffer) 7")
        try daemon.send(signal: SIGUSR2)
        #expect(daemon.hasEnded(withinMilliseconds: 60_000))
        try client.done("lock-file 0")
        try daemon.goOn(socket.store)
        try other.done("verify \(buffer) 7")
        try daemon.eventually(status: "it is ended by name") {
          $0.misbehavedClients == 1 && $0.sessions == 1
        }
        try other.done("verify \(buffer) 7")
      }
    }
  }
}

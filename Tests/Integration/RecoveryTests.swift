// The daemon dies, by a signal at any moment, and the next one goes on with what its supervisor
// kept: every handle, pin and byte is as before. The supervisor is the tests' own.

import CoherentControl
import CoherentSystem
import CoherentWire
import Glibc
import Testing

extension IntegrationTests {
  @Suite struct Recovery {
    private static let settings = ["Leases.Maximum": "1h", "Region.Blocks": "2"]

    private func allocation(_ bytes: UInt64) -> Request {
      .allocate(
        sizeBytes: bytes, alignmentBytes: 0, timeoutMilliseconds: 20_000, priority: 128)
    }

    private func allocated(_ reply: Reply) throws -> (handle: HandleID, offset: UInt64) {
      guard case .allocated(let handle, let offset, _, _) = reply else {
        throw TestFailure("not allocated: \(reply)")
      }
      return (handle, offset)
    }

    @Test func handlesPinsAndNumbersAreAsBefore() throws {
      let socket = try NotifySocket()
      try TestDaemon.with(Self.settings, environment: socket.environment()) { daemon in
        let client = try RawClient.attached(daemon)
        let first = try allocated(try client.ask(allocation(64 << 10)))
        let second = try allocated(try client.ask(allocation(32 << 10)))
        let third = try allocated(try client.ask(allocation(16 << 10)))
        #expect(try client.ask(.free(third.handle)) == .freed)
        let reply = try client.ask(
          .pin(
            HandleRange(handle: first.handle, offsetBytes: 0, lengthBytes: 8192),
            leaseMilliseconds: 600_000, timeoutMilliseconds: 20_000))
        guard case .pinned(let pin, _, _) = reply else { throw TestFailure("\(reply)") }
        let before = try daemon.status()
        try daemon.dieAndGoOn(socket.store)
        #expect(try client.recovered() == 2)
        let after = try daemon.status()
        #expect(after.sessions == 1 && after.allocations == 2 && after.pins == 1)
        #expect(before.generation == 1 && after.generation == 2)
        #expect(after.storedDescriptorsExpected == UInt64(socket.store.names.count))
        #expect(after.pinnedBytes == before.pinnedBytes)
        #expect(after.reservedBytes + after.deviceBytes == 96 << 10)
        // What had been freed before is known as gone, and its slot's next handle is another one.
        #expect(try client.refusal(.free(third.handle)).detail == .unknownHandle)
        let fourth = try allocated(try client.ask(allocation(16 << 10)))
        #expect(fourth.handle != third.handle)
        #expect(try client.ask(.unpin(pin)) == .unpinned)
        for handle in [first.handle, second.handle, fourth.handle] {
          #expect(try client.ask(.free(handle)) == .freed)
        }
      }
      #expect(socket.store.names == [], "a stop leaves nothing behind")
    }

    @Test func bytesAreAsBeforeWhereverTheyWere() throws {
      let socket = try NotifySocket()
      try TestDaemon.with(Self.settings, environment: socket.environment()) { daemon in
        let client = try daemon.client()
        let buffers = try (0..<8).map { _ in try client.allocate(1 << 20) }
        for buffer in buffers { try client.done("fill \(buffer) \(buffer + 1)") }
        let untouched = try client.allocate(256 << 10)
        try client.done("migrate \(buffers[0]) host 20000")
        for _ in 0..<3 {
          try daemon.dieAndGoOn(socket.store)
          for buffer in buffers { try client.done("verify \(buffer) \(buffer + 1)") }
          try client.done("verify-zero \(untouched)")
          #expect(try client.done("query \(buffers[0])") == ["host:\(1 << 20)"])
          try daemon.evictAll()
        }
      }
    }

    @Test func writersLoseNothingWhenTheDaemonIsKilledAtRandom() throws {
      let socket = try NotifySocket()
      let settings = [
        "Region.Blocks": "2", "Region.FrameSize": "4K", "Pressure.EvictionRun": "32K",
      ]
      try TestDaemon.with(settings, environment: socket.environment()) { daemon in
        let clients = try (0..<2).map { _ in try daemon.client() }
        for client in clients {
          for _ in 0..<16 { try client.allocate(256 << 10) }
        }
        for (seed, client) in clients.enumerated() { try client.done("write 2 \(seed + 1) 0") }
        for round in 1...10 {
          try daemon.eventually(status: "frames are evicted, round \(round)") {
            $0.evictedFrames >= 500 * UInt64(round % 4)
          }
          try daemon.dieAndGoOn(socket.store)
          #expect(daemon.log.contents.contains("recovered within"))
        }
        try daemon.eventually(status: "and again") { $0.evictedFrames >= 1000 }
        for client in clients { #expect(try client.number("stop-writing") > 0) }
      }
    }

    @Test func aThreadThatWaitsInAFaultGoesOn() throws {
      let socket = try NotifySocket()
      let environment = socket.environment() + ["COHERENTD_KILL_POINT=after-fill-copy:10"]
      try TestDaemon.with(Self.settings, environment: environment) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(1 << 20)
        try client.begin("fill \(buffer) 5")
        try daemon.goOn(socket.store)
        #expect(try client.answer(to: "fill") == .done([]))
        try client.done("verify \(buffer) 5")
      }
    }

    @Test func aRestartKeepsEverythingAndAStopNothing() throws {
      let socket = try NotifySocket()
      try TestDaemon.with(Self.settings, environment: socket.environment()) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(1 << 20)
        try client.done("fill \(buffer) 7")
        try daemon.evictAll()
        try daemon.send(signal: SIGUSR2)
        #expect(try daemon.goOn(socket.store) == .status(0))
        try client.done("verify \(buffer) 7")
        try daemon.expectStopsWith(clients: 1)
        try client.done("verify \(buffer) 7")
      }
      #expect(socket.store.names == [])
    }

    @Test func whatWasAskedAndNotAnsweredIsDoneOnce() throws {
      let socket = try NotifySocket()
      for point in ["before-allocate-reply", "before-note", "after-note"] {
        let environment = socket.environment() + ["COHERENTD_KILL_POINT=\(point)"]
        try TestDaemon.with(Self.settings, environment: environment) { daemon in
          let client = try RawClient.attached(daemon)
          let number = client.begin(allocation(64 << 10))
          try daemon.goOn(socket.store)
          #expect(try client.recovered() == 2)
          let (handle, _) = try allocated(try client.askAgain(allocation(64 << 10), number))
          #expect(try daemon.status().allocations == 1, "\(point)")
          #expect(try client.ask(.free(handle)) == .freed)
        }
      }
    }

    @Test func aFreeThatWasNotAnsweredIsDoneOnce() throws {
      let socket = try NotifySocket()
      for point in ["before-free-reply", "before-discard", "between-discards", "after-discard"] {
        let environment = socket.environment() + ["COHERENTD_KILL_POINT=\(point)"]
        try TestDaemon.with(Self.settings, environment: environment) { daemon in
          let client = try RawClient.attached(daemon)
          let (handle, _) = try allocated(try client.ask(allocation(64 << 10)))
          // So that there is something to punch.
          #expect(
            try client.ask(
              .migrate(
                HandleRange(handle: handle, offsetBytes: 0, lengthBytes: 64 << 10), to: .host,
                timeoutMilliseconds: 20_000)) == .migrated(movedFrames: 16, alreadyFrames: 0))
          let number = client.begin(.free(handle))
          try daemon.goOn(socket.store)
          var next = try? client.recovered()
          if next == nil { next = try client.recovered() }  // the reply had been sent
          #expect(next == 2)
          #expect(try client.askAgain(.free(handle), number) == .freed)
          try daemon.eventually(status: "it is gone") { $0.allocations == 0 && $0.hostBytes == 0 }
        }
      }
    }
  }
}

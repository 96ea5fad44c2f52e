// The daemon dies at each of the points where it has done one thing and not the next. Memory of two
// clients goes in and out while it does; nothing of it is lost.

import CoherentControl
import CoherentSystem
import CoherentWire
import Glibc
import Testing

extension IntegrationTests {
  @Suite struct KillPoints {
    private static let settings = [
      "Region.Blocks": "1", "Region.FrameSize": "4K", "Pressure.EvictionRun": "32K",
    ]

    private static let points = [
      "before-protect", "before-copy-out", "after-copy-out", "before-punch", "after-punch",
      "after-evict", "before-restore", "after-restore-copy", "after-restore", "before-fill",
      "after-fill-copy", "after-fill", "before-discard", "between-discards", "after-discard",
      "before-note", "between-notes", "after-note", "before-carve", "between-carves",
      "after-carve",
    ]

    @Test(arguments: points) func writersLoseNothing(_ point: String) throws {
      let socket = try NotifySocket()
      let environment = socket.environment() + ["COHERENTD_KILL_POINT=\(point):30"]
      try TestDaemon.with(Self.settings, environment: environment) { daemon in
        let client = try daemon.client()
        // What is freed while it is written to by nobody, and what is written to.
        for _ in 0..<14 { try client.allocate(256 << 10) }
        try client.done("write 2 17 0")
        let evictor = try Evictor(daemon, seed: 3, migrates: 8)
        try? movement(daemon)
        _ = evictor.stop()
        try daemon.goOn(socket.store)
        try daemon.eventually(status: "frames are evicted") { $0.evictedFrames >= 500 }
        #expect(try client.number("stop-writing") > 0)
      }
    }

    /// Allocations that come, move and go, until the daemon dies under them.
    private func movement(_ daemon: TestDaemon) throws {
      let client = try RawClient(daemon)
      try client.greet()
      _ = try client.beginAttach()
      while client.isQuiet {
        if daemon.hasEnded(withinMilliseconds: 1) { return }
      }
      _ = try client.next()
      /// Nil when the daemon dies instead of answering.
      func ask(_ request: Request) throws -> Reply? {
        client.begin(request)
        while client.isQuiet {
          if daemon.hasEnded(withinMilliseconds: 1) { return nil }
        }
        guard case .reply(_, let reply) = try client.next() else { return nil }
        return reply
      }
      let bytes: UInt64 = 128 << 10
      let allocation = Request.allocate(
        sizeBytes: bytes, alignmentBytes: 0, timeoutMilliseconds: 1000, priority: 128)
      while let reply = try ask(allocation) {
        guard case .allocated(let handle, _, _, _) = reply else { continue }
        let range = HandleRange(handle: handle, offsetBytes: 0, lengthBytes: bytes)
        for request: Request in [
          .migrate(range, to: .host, timeoutMilliseconds: 100),
          .migrate(range, to: .device, timeoutMilliseconds: 100), .advise(range, .discard),
          .migrate(range, to: .host, timeoutMilliseconds: 100), .free(handle),
        ] {
          guard try ask(request) != nil else { return }
        }
      }
    }

    @Test(
      arguments: ["before-keep", "between-keeps", "before-attach-reply", "after-attach-reply"])
    func aClientThatAttachesIsKeptOrToldOtherwise(_ point: String) throws {
      let socket = try NotifySocket()
      let environment = socket.environment() + ["COHERENTD_KILL_POINT=\(point)"]
      try TestDaemon.with(Self.settings, environment: environment) { daemon in
        let client = try RawClient(daemon)
        try client.greet()
        let number = try client.beginAttach()
        try daemon.goOn(socket.store)
        let isKept = point.hasSuffix("attach-reply")
        #expect(try daemon.status().sessions == (isKept ? 1 : 0))
        if point == "after-attach-reply" {
          #expect(try client.next() == .reply(RequestID(rawValue: number), .attached))
        }
        if isKept {
          #expect(try client.recovered() == 2)
          #expect(try client.ask(.statistics) != .freed)
        } else {
          #expect(try client.isHungUp())
        }
        let another = try RawClient.attached(daemon)
        #expect(try another.ask(.statistics) != .freed)
      }
    }

    @Test(arguments: ["before-ledger-end", "before-store-end", "after-store-end"])
    func aSessionThatEndsIsGone(_ point: String) throws {
      let socket = try NotifySocket()
      let environment = socket.environment() + ["COHERENTD_KILL_POINT=\(point)"]
      try TestDaemon.with(Self.settings, environment: environment) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(1 << 20)
        try client.done("fill \(buffer) 1")
        client.end()
        try daemon.goOn(socket.store)
        try daemon.expectEverythingReturned()
      }
      #expect(socket.store.names == [])
    }

    @Test(arguments: ["after-cleaning", "before-ready"])
    func aDaemonThatDiesWhileItRecoversIsRecoveredFrom(_ point: String) throws {
      let socket = try NotifySocket()
      try TestDaemon.with(Self.settings, environment: socket.environment()) { daemon in
        let client = try daemon.client()
        let buffers = try (0..<3).map { _ in try client.allocate(1 << 20) }
        for buffer in buffers { try client.done("fill \(buffer) \(buffer + 1)") }
        try daemon.send(signal: SIGKILL)
        for _ in 0..<3 {
          try daemon.goOn(
            socket.store, environment: ["COHERENTD_KILL_POINT=\(point)"], awaitingReady: false)
        }
        try daemon.goOn(socket.store)
        for buffer in buffers { try client.done("verify \(buffer) \(buffer + 1)") }
      }
    }
  }
}

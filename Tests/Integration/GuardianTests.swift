// The daemon dies or is stopped and nobody keeps anything for the next one: every program goes on
// with its data in its own memory, and finds the next daemon by itself.

import CoherentControl
import CoherentSystem
import Glibc
import Testing

extension IntegrationTests {
  @Suite struct Guardian {
    private static let settings = [
      "Region.Blocks": "2", "Region.FrameSize": "4K", "Pressure.EvictionRun": "32K",
    ]

    /// Waits, with a bound, until the client's library has found another daemon.
    private func awaitConnected(_ client: ClientProcess) throws {
      let deadline = Clock.monotonicNanoseconds() + 60_000_000_000
      while try client.number("is-connected") == 0 {
        guard Clock.monotonicNanoseconds() < deadline else {
          throw TestFailure("process \(client.process) finds no daemon")
        }
        Thread.yield()
      }
    }

    /// Fills twice the device, and lets writers loose on as much again.
    private func load(_ daemon: TestDaemon) throws -> (holder: ClientProcess, writer: ClientProcess)
    {
      let holder = try daemon.client()
      for buffer in 0..<16 {
        try holder.allocate(256 << 10)
        try holder.done("fill \(buffer) \(buffer + 1)")
      }
      let writer = try daemon.client()
      for _ in 0..<32 { try writer.allocate(256 << 10) }
      try writer.done("write 4 7 0")
      try daemon.eventually(status: "frames are evicted") { $0.evictedFrames >= 5000 }
      return (holder, writer)
    }

    /// All that was written is there, and the writers go on.
    private func expectGoesOn(_ holder: ClientProcess, _ writer: ClientProcess) throws {
      let written = try writer.number("written")
      let deadline = Clock.monotonicNanoseconds() + 60_000_000_000
      while try writer.number("written") <= written + 20_000 {
        guard Clock.monotonicNanoseconds() < deadline else {
          throw TestFailure("the writers wait for a daemon that is gone")
        }
        Thread.yield()
      }
      for buffer in 0..<16 { try holder.done("verify \(buffer) \(buffer + 1)") }
    }

    /// The clients use the next daemon, beside what they have of the one before.
    private func expectUsesAnother(_ holder: ClientProcess, _ writer: ClientProcess) throws {
      try awaitConnected(holder)
      try awaitConnected(writer)
      let another = try holder.allocate(256 << 10)
      try holder.done("fill \(another) 99")
      try holder.done("verify \(another) 99")
      try holder.done("free 0")
      for buffer in 1..<16 {
        #expect(try holder.done("query \(buffer)") == ["host:\(256 << 10)"])
        try holder.done("verify \(buffer) \(buffer + 1)")
        try holder.done("free \(buffer)")
      }
      try holder.done("verify \(another) 99")
      #expect(try writer.number("stop-writing") > 0)
    }

    @Test func aDaemonThatIsKilledUnderLoadTakesNothingWithIt() throws {
      for _ in 0..<3 {
        try TestDaemon.with(Self.settings) { daemon in
          let (holder, writer) = try load(daemon)
          try daemon.send(signal: SIGKILL)
          #expect(daemon.hasEnded(withinMilliseconds: 60_000))
          try expectGoesOn(holder, writer)
          #expect(try holder.number("is-connected") == 0)
          #expect(try holder.refused("allocate 4096 128 0").reason == "notConnected")
          try daemon.goOn(KeptStore())
          try expectUsesAnother(holder, writer)
        }
      }
    }

    @Test func aDaemonThatIsStoppedHandsEverythingBackAndTheNextOneIsFound() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let (holder, writer) = try load(daemon)
        try daemon.send(signal: SIGTERM)
        #expect(daemon.hasEnded(withinMilliseconds: 60_000))
        try expectGoesOn(holder, writer)
        #expect(try daemon.goOn(KeptStore()) == .status(0))
        try expectUsesAnother(holder, writer)
      }
    }

    @Test func oneDaemonAfterTheOtherIsFound() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let client = try daemon.client()
        for round in 0..<5 {
          let buffer = try client.allocate(3 << 20)
          try client.done("fill \(buffer) \(round + 1)")
          try daemon.send(signal: round % 2 == 0 ? SIGKILL : SIGTERM)
          try daemon.goOn(KeptStore())
          for before in 0...round { try client.done("verify \(before) \(before + 1)") }
          try awaitConnected(client)
        }
      }
    }
  }
}

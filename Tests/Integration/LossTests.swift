// Memory that breaks: what cannot be read any more is lost frame by frame, counted, and never read
// as zero; everything else goes on. And the checks of other tests that say "nothing is lost" are
// shown to fail when something is.

import CoherentControl
import CoherentSystem
import Glibc
import Testing

extension IntegrationTests {
  @Suite struct Losses {
    /// Runs a body with a daemon whose memory is broken while `breaks` says so.
    private func withBreakingMemory(
      _ body: (TestDaemon, _ breaks: (Bool) throws -> Void) throws -> Void
    ) throws {
      let path = "/tmp/coherentd-unreadable-\(Process.id)-\(Clock.monotonicNanoseconds())"
      defer { try? SmallFile.remove(path: path) }
      let environment = [
        "LD_PRELOAD=\(try BuiltProgram.failingReads.path())", "COHERENTD_UNREADABLE=\(path)",
      ]
      // What the harness expects of every daemon at its end is not true of this one.
      try withKnownIssue {
        try TestDaemon.with(["Region.Blocks": "2"], environment: environment) { daemon in
          try body(daemon) { breaks in
            if breaks {
              try SmallFile.write(path: path, [])
            } else {
              try SmallFile.remove(path: path)
            }
          }
        }
      } matching: { issue in
        [": error: ", "lostFrames"].contains { "\(issue)".contains($0) }
      }
    }

    @Test func whatCannotBeReadIsLostAndCountedAndNeverZero() throws {
      try withBreakingMemory { daemon, breaks in
        let client = try daemon.client()
        let neighbour = try daemon.client()
        for one in [client, neighbour] {
          let buffer = try one.allocate(1 << 20)
          try one.done("fill \(buffer) 1")
        }
        try daemon.evictAll()
        try breaks(true)
        try client.begin("verify 0 1")
        #expect(try client.exit() == .signal(SIGBUS))
        try daemon.eventually(status: "the loss is counted") { $0.lostFrames > 0 }
        let words = ["data lost: session 1, process", "cannot be read"]
        #expect(daemon.log.line(with: words) != nil, "\(daemon.log.contents)")
        try breaks(false)
        try neighbour.done("verify 0 1")
        neighbour.end()
        try showTheChecksFail(daemon)
      }
    }

    private func showTheChecksFail(_ daemon: TestDaemon) throws {
      let status = try daemon.status()
      withKnownIssue { daemon.expectNothingLost(status) }
      withKnownIssue { try daemon.expectEverythingReturned() }
    }

    @Test func aStopHandsBackWhatIsWholeAndFailsTheRestLoudly() throws {
      try withBreakingMemory { daemon, breaks in
        let client = try daemon.client()
        for number in 0..<2 {
          let buffer = try client.allocate(64 << 10)
          try client.done("fill \(buffer) \(number)")
        }
        try daemon.evictAll()
        try client.done("verify 0 0")
        try breaks(true)
        try daemon.expectStopsWith(clients: 1)
        #expect(daemon.log.line(with: ["data lost: session 1, process", "cannot be read"]) != nil)
        try client.done("verify 0 0")
        try client.begin("verify 1 1")
        #expect(try client.exit() == .signal(SIGBUS))
      }
    }
  }
}

// Memory that a client commits in its own file without allocating it: it is counted, told, and the
// client is ended by name if it keeps it.

import CoherentSystem
import Testing

extension IntegrationTests {
  @Suite struct Accounting {
    private static let settings = [
      "Limits.UnaccountedMemory": "1M", "Limits.AccountingInterval": "100ms",
    ]

    @Test func whoKeepsWhatItNeverAllocatedIsToldAndEndedByName() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let bystander = try Bystander(daemon)
        let client = try daemon.client()
        let buffer = try client.allocate(1 << 20)
        try client.done("fill \(buffer) 1")
        try client.done("commit \(8 << 20)")
        try daemon.eventually(status: "it is counted") {
          // Control memory is accounted for as a whole, and committed as it is used.
          $0.unaccountedBytes > 6 << 20 && $0.unaccountedBytes <= 8 << 20
        }
        let event = try client.done("event 60000")
        #expect(event.first == "unaccounted" && event.last == "\(1 << 20)", "\(event)")
        let told = ["\(client.process)", "MiB of memory in its file", "UnaccountedMemory="]
        #expect(daemon.log.line(with: told) != nil)
        let ended = ["process \(client.process)", "is ended", "MiB that nothing accounts for"]
        #expect(daemon.log.line(with: ended) != nil)
        try daemon.eventually(status: "it misbehaved, and all of it came back") {
          $0.misbehavedClients == 1 && $0.sessions == 1 && $0.unaccountedBytes == 0
        }
        client.end()
        try bystander.expectUnharmed()
      }
    }

    @Test func whatIsToleratedIsShownWithItsSession() throws {
      try TestDaemon.with(["Limits.AccountingInterval": "100ms"]) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(1 << 20)
        try client.done("fill \(buffer) 1")
        try client.done("commit \(4 << 20)")
        try daemon.eventually("its session shows it") {
          _ = try daemon.status()
          let session = try daemon.session(of: client.process)
          return session.unaccountedBytes > 0 && session.unaccountedBytes <= 4 << 20
            && session.kernelCommittedBytes >= 5 << 20
        }
        let status = try daemon.status()
        #expect(status.kernelCommittedBytes >= status.committedBytes + 4 << 20)
        #expect(status.misbehavedClients == 0)
        try client.done("verify \(buffer) 1")
      }
    }

    @Test func underEvictionsNothingIsUnaccountedForLong() throws {
      try TestDaemon.with(
        Self.settings.merging(["Region.Blocks": "2"]) { $1 }
      ) { daemon in
        let client = try daemon.client()
        for _ in 0..<12 { try client.allocate(1 << 20) }
        try client.done("write 2 5 0")
        let evictor = try Evictor(daemon, seed: 3, migrates: 8)
        defer { #expect(evictor.stop() == nil) }
        try daemon.eventually(status: "frames are evicted") { $0.evictedFrames >= 30_000 }
        #expect(try client.number("stop-writing") > 0)
        #expect(try daemon.status().misbehavedClients == 0)
      }
    }
  }
}

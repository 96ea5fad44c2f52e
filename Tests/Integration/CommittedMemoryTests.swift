// The daemon's numbers against the kernel's: st_blocks and SEEK_DATA of all its memory files, once
// nothing moves any more.

import CoherentControl
import CoherentSystem
import Testing

extension IntegrationTests {
  @Suite struct CommittedMemory {
    /// Waits until background work is done, and compares.
    private func expectAgreement(
      _ daemon: TestDaemon, _ moment: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      try daemon.eventually("\(moment): the numbers agree", sourceLocation: sourceLocation) {
        let status = try daemon.status()
        let files = try MemoryFiles(process: daemon.process)
        let arenas = files.sessions.reduce(0) { $0 + $1.committedBytes }
        // The region has what is not carved out of it; arenas and host stores have the rest.
        return status.evictingBytes == 0 && status.restoringBytes == 0
          && status.releasingBytes == 0 && files.committedBytes == status.committedBytes
          && files.region?.committedBytes == status.capacityBytes - status.deviceBytes
          && arenas >= status.deviceBytes + status.hostBytes
      }
      // What was written lies where SEEK_DATA finds it.
      let status = try daemon.status()
      let data = try MemoryFiles(process: daemon.process).sessions.reduce(0) { $0 + $1.dataBytes }
      #expect(
        data >= status.deviceBytes + status.hostBytes, "\(moment)", sourceLocation: sourceLocation)
      #expect(data <= status.committedBytes, "\(moment)", sourceLocation: sourceLocation)
    }

    @Test func blocksAndHolesAreTheDaemonsOwnNumbers() throws {
      try TestDaemon.with { daemon in
        try expectAgreement(daemon, "at the start")
        let first = try daemon.client()
        let second = try daemon.client()
        let one = try first.allocate(3 << 20)
        let other = try second.allocate(3 << 20)
        try expectAgreement(daemon, "allocated, not touched")
        #expect(try daemon.status().reservedBytes == 6 << 20)
        try first.done("fill \(one) 1")
        try second.done("fill \(other) 2")
        try expectAgreement(daemon, "filled")
        #expect(try daemon.status().deviceBytes == 6 << 20)
        try daemon.evictAll(session: try daemon.session(of: first.process))
        try expectAgreement(daemon, "one evicted")
        #expect(try daemon.status().storedBytes == 3 << 20)
        try first.done("verify \(one) 1")
        try expectAgreement(daemon, "brought back by reading: the copies are kept")
        try first.done("fill \(one) 3")
        try expectAgreement(daemon, "written: the copies are dropped")
        try second.done("migrate \(other) host 10000")
        try expectAgreement(daemon, "one in host memory")
        #expect(try daemon.status().hostBytes == 3 << 20)
        try first.done("free \(one)")
        try expectAgreement(daemon, "one freed")
        let more = try (0..<8).map { _ in try first.allocate(4 << 20) }
        for buffer in more { try first.done("fill \(buffer) 4") }
        for buffer in more { try first.done("verify \(buffer) 4") }
        try expectAgreement(daemon, "after pressure")
        for buffer in more { try first.done("advise \(buffer) discard") }
        try expectAgreement(daemon, "discarded")
        first.end()
        try daemon.eventually("it has gone") { try daemon.sessions().count == 1 }
        try expectAgreement(daemon, "one has died")
      }
    }

    @Test func theNumbersAgreeAfterRandomWork() throws {
      try TestDaemon.with(["Region.Blocks": "2", "Region.FrameSize": "16K"]) { daemon in
        let clients = try (0..<2).map { _ in try daemon.client() }
        for client in clients {
          for size in [16, 48, 160, 1024, 2048, 3072] { try client.allocate(size << 10) }
          try client.done("write 2 5 0")
          try client.done("request 1")
        }
        let evictor = try Evictor(daemon, seed: 4, migrates: 3)
        try daemon.eventually(status: "frames are evicted") { $0.evictedFrames >= 5000 }
        #expect(evictor.stop() == nil)
        for client in clients {
          try client.done("stop-toil")
          try client.done("stop-writing")
        }
        try expectAgreement(daemon, "after random work")
      }
    }
  }
}

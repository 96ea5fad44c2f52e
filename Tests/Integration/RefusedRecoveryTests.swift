// What the daemon before left and the next one does not believe, or nobody needs any more: it is
// refused by name, alone, and nothing of it stays.

import CoherentControl
import CoherentSystem
import CoherentWire
import Glibc
import Testing

extension IntegrationTests {
  @Suite struct RefusedRecovery {
    private static let settings = ["Region.Blocks": "2"]

    /// Changes a stored file as a fault of memory would.
    private func damage(_ store: KeptStore, _ name: String, of kind: String, at offset: UInt64)
      throws
    {
      for (found, number) in store.contents where found == name {
        let target = SymbolicLink.target(path: "/proc/self/fd/\(number)") ?? ""
        guard target.hasPrefix("/memfd:\(kind)") else { continue }
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
        let file = try MemoryFile(descriptor: Descriptor(owning: copy))
        var byte: [UInt8] = [0]
        try byte.withUnsafeMutableBytes { try file.read(into: $0, offsetBytes: offset) }
        byte[0] ^= 0x10
        try byte.withUnsafeBytes { try file.write(from: $0, offsetBytes: offset) }
        return
      }
      throw TestFailure("nothing stored as \(name) is a \(kind)")
    }

    private func allocate(_ client: RawClient) throws {
      guard
        case .allocated = try client.ask(
          .allocate(
            sizeBytes: 64 << 10, alignmentBytes: 0, timeoutMilliseconds: 20_000, priority: 128))
      else { throw TestFailure("not allocated") }
    }

    @Test(arguments: [0, 8, 16, 24, 128, 4096] as [UInt64])
    func aDamagedLedgerIsRefusedWithEverything(_ offset: UInt64) throws {
      let socket = try NotifySocket()
      try TestDaemon.with(Self.settings, environment: socket.environment()) { daemon in
        let client = try RawClient.attached(daemon)
        try allocate(client)
        try daemon.send(signal: SIGUSR2)
        try damage(socket.store, "ledger", of: "coherentd-ledger", at: offset)
        try daemon.goOn(socket.store)
        #expect(daemon.log.line(with: ["what the daemon before this one left is refused"]) != nil)
        #expect(try client.isHungUp())
        #expect(try daemon.status().sessions == 0)
        #expect(socket.store.names == ["ledger", "region"])
        try allocate(try RawClient.attached(daemon))
        // The next one has nothing to complain of.
        try daemon.send(signal: SIGUSR2)
        try daemon.goOn(socket.store)
      }
    }

    @Test func aDamagedTableEndsItsOwnSessionOnly() throws {
      let socket = try NotifySocket()
      try TestDaemon.with(Self.settings, environment: socket.environment()) { daemon in
        let first = try RawClient.attached(daemon)
        let second = try RawClient.attached(daemon)
        try allocate(first)
        try allocate(second)
        try daemon.send(signal: SIGUSR2)
        try damage(
          socket.store, "s\(first.welcome!.session.rawValue)", of: "coherentd-table", at: 64)
        try daemon.goOn(socket.store)
        #expect(daemon.log.line(with: ["session 1 ended with the daemon before", "header"]) != nil)
        #expect(try first.isHungUp())
        #expect(try second.recovered() == 2)
        let status = try daemon.status()
        #expect(status.sessions == 1 && status.allocations == 1)
        #expect(socket.store.names.filter { $0.hasPrefix("s") }.count == 4)
      }
    }

    @Test func whatWasEvictedUnderADamagedTableIsReportedAsLost() throws {
      let socket = try NotifySocket()
      try TestDaemon.with(Self.settings, environment: socket.environment()) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(1 << 20)
        try client.done("fill \(buffer) 1")
        try daemon.evictAll()
        try daemon.send(signal: SIGUSR2)
        try damage(socket.store, "s1", of: "coherentd-table", at: 64)
        try daemon.goOn(socket.store)
        let words = ["data lost: session 1, process", "loses 1 MiB that were evicted", "header"]
        #expect(daemon.log.line(with: words) != nil, "\(daemon.log.contents)")
        #expect(try daemon.status().lostFrames == 256, "each frame of 4 KiB is counted")
        // The next one has nothing to complain of.
        try daemon.send(signal: SIGUSR2)
        try daemon.goOn(socket.store)
      }
    }

    @Test func aClientThatDiedMeanwhileIsForgotten() throws {
      let socket = try NotifySocket()
      try TestDaemon.with(Self.settings, environment: socket.environment()) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(2 << 20)
        try client.done("fill \(buffer) 1")
        try daemon.send(signal: SIGUSR2)
        client.end()
        try daemon.goOn(socket.store)
        try daemon.expectEverythingReturned()
        #expect(socket.store.names == ["ledger", "region"])
      }
    }

    @Test func whatNobodyKnowsIsDropped() throws {
      let socket = try NotifySocket()
      try TestDaemon.with(Self.settings, environment: socket.environment()) { daemon in
        let client = try RawClient.attached(daemon)
        try daemon.send(signal: SIGUSR2)
        let stranger = try MemoryFile(name: "stranger", sizeBytes: 4096)
        socket.store.add("of-another-version", try stranger.descriptor.duplicate())
        socket.store.add("s77", try stranger.descriptor.duplicate())
        try daemon.goOn(socket.store)
        #expect(daemon.log.line(with: ["of-another-version", "dropped"]) != nil)
        #expect(try client.recovered() == 2)
        #expect(socket.store.names == ["ledger", "region", "s1", "s1", "s1", "s1"])
      }
    }

    @Test func oneSessionMoreThanSurvivesIsRefusedByName() throws {
      let socket = try NotifySocket()
      let environment = socket.environment() + ["FDSTORE=19"]
      let settings = Self.settings.merging(["Limits.UserShare": "100"]) { $1 }
      try TestDaemon.with(settings, environment: environment) { daemon in
        let clients = try (0..<2).map { _ in try RawClient.attached(daemon) }
        let version = ProtocolVersion.current
        let refusal = try RawClient(daemon).refusal(
          .hello(lowestVersion: version, highestVersion: version))
        #expect(refusal.reason == .overLimit && refusal.detail == .tooManySessions)
        #expect(refusal.limit == 2)
        try daemon.dieAndGoOn(socket.store)
        for client in clients { #expect(try client.recovered() == 2) }
      }
    }

    @Test func whatIsKeptDecidesItsSizesUntilACleanStart() throws {
      let socket = try NotifySocket()
      try TestDaemon.with(Self.settings, environment: socket.environment()) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(1 << 20)
        try client.done("fill \(buffer) 3")
        let other = DaemonSettings(
          [
            "Region.Blocks": "3", "Region.FrameSize": "64K", "Arena.Size": "32M",
            "Limits.Sessions": "7", "Pressure.EvictionRun": "128K",
          ], directory: daemon.directory)
        try SmallFile.write(path: "\(daemon.directory)/conf", Array(other.text.utf8))
        try daemon.dieAndGoOn(socket.store)
        for name in ["[Region] Blocks stays at 2", "FrameSize stays at 4K", "Size stays at 64M"] {
          #expect(daemon.log.contents.contains(name))
        }
        let status = try daemon.status()
        #expect(status.blocks == 2 && status.frameBytes == 4096)
        try client.done("verify \(buffer) 3")
      }
    }

    @Test func aLimitThatWasLoweredMeanwhileEndsNoSession() throws {
      let socket = try NotifySocket()
      try TestDaemon.with(Self.settings, environment: socket.environment()) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(1 << 20)
        try client.done("fill \(buffer) 3")
        let lower = DaemonSettings(
          Self.settings.merging(["Host.Limit": "256K"]) { $1 }, directory: daemon.directory)
        try SmallFile.write(path: "\(daemon.directory)/conf", Array(lower.text.utf8))
        // Twice: the second daemon's own limit is the lower one.
        for _ in 0..<2 {
          try daemon.dieAndGoOn(socket.store)
          try client.done("verify \(buffer) 3")
          #expect(try daemon.status().sessions == 1)
        }
      }
    }
  }
}

// The pointer always works: more memory than the device has, from several threads and clients,
// while everything moves; and for the kernel's own accesses where they can wait.

import CoherentControl
import CoherentSystem
import Glibc
import TestSupport
import Testing

extension IntegrationTests {
  @Suite struct Pointer {
    @Test func aClientUsesFourTimesTheDevice() throws {
      try TestDaemon.with { daemon in
        let client = try daemon.client()
        let buffers = try (0..<16).map { _ in try client.allocate(2 << 20) }
        for buffer in buffers { try client.done("fill \(buffer) \(buffer + 1)") }
        for buffer in buffers { try client.done("verify \(buffer) \(buffer + 1)") }
        for buffer in buffers.reversed() { try client.done("verify \(buffer) \(buffer + 1)") }
        let status = try daemon.status()
        #expect(status.evictedFrames > 0 && status.restoredFrames > 0)
        #expect(status.deviceBytes <= status.capacityBytes)
        #expect(
          status.storedBytes + status.deviceBytes + status.hostBytes + status.evictingBytes
            >= 16 * (2 << 20))
      }
    }

    @Test func severalClientsShareADeviceSmallerThanEachOfThem() throws {
      try TestDaemon.with(["Region.Blocks": "2"]) { daemon in
        let clients = try (0..<4).map { _ in try daemon.client() }
        let evictor = try Evictor(daemon, seed: 1, migrates: 4)
        defer { #expect(evictor.stop() == nil) }
        for client in clients {
          for _ in 0..<4 { try client.allocate(1 << 20) }
        }
        for round in 1...3 {
          for buffer in 0..<4 {
            for (index, client) in clients.enumerated() {
              try client.begin("fill \(buffer) \(100 * round + 10 * index + buffer)")
            }
            for client in clients { #expect(try client.answer(to: "fill") == .done([])) }
          }
          for buffer in 0..<4 {
            for (index, client) in clients.enumerated() {
              try client.begin("verify \(buffer) \(100 * round + 10 * index + buffer)")
            }
            for client in clients { #expect(try client.answer(to: "verify") == .done([])) }
          }
        }
      }
    }

    @Test func newMemoryReadsAsZeroWhateverWasThereBefore() throws {
      try TestDaemon.with { daemon in
        let client = try daemon.client()
        for round in 1...4 {
          let buffer = try client.allocate(4 << 20)
          try client.done("verify-zero \(buffer)")
          try client.done("fill \(buffer) \(round)")
          if round % 2 == 0 { try daemon.evictAll() }
          try client.done("verify \(buffer) \(round)")
          try client.done("free \(buffer)")
        }
      }
    }

    @Test func evictedMemoryThatWasNeverWrittenReadsAsZero() throws {
      try TestDaemon.with { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(4 << 20)
        try daemon.evictAll()
        try client.done("verify-zero \(buffer)")
        try daemon.evictAll()
        try client.done("verify-zero \(buffer)")
      }
    }

    @Test func migrationKeepsContentsAndSaysWhatMoved() throws {
      try TestDaemon.with { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(1 << 20)
        try client.done("fill \(buffer) 3")
        #expect(try client.done("query \(buffer)") == ["device:1048576"])
        #expect(try client.done("migrate \(buffer) host 10000") == ["256", "0"])
        #expect(try client.done("query \(buffer)") == ["host:1048576"])
        try client.done("verify \(buffer) 3")
        #expect(try client.done("query \(buffer)") == ["host:1048576"], "an access changes nothing")
        #expect(try daemon.status().deviceBytes == 0)
        #expect(try client.done("migrate \(buffer) host 10000") == ["0", "256"])
        #expect(try client.done("migrate \(buffer) device 10000") == ["256", "0"])
        #expect(try client.done("query \(buffer)") == ["device:1048576"])
        try client.done("verify \(buffer) 3")
        #expect(try client.done("advise \(buffer) discard") == ["256"])
        try client.done("verify-zero \(buffer)")
      }
    }

    @Test(.enabled(if: KernelRight.fullUserfaultfd.isThere, "\(KernelRight.fullUserfaultfd)"))
    func systemCallsMayBeHandedEvictedMemory() throws {
      try TestDaemon.with { daemon in
        let client = try daemon.client(connects: false)
        #expect(try client.connect(), "it has full mode")
        let buffer = try client.allocate(1 << 20)
        try client.done("fill \(buffer) 21")
        for round in 0..<3 {
          try daemon.evictAll()
          #expect(try client.done("query \(buffer)") == ["stored:1048576"])
          try client.done("write-out \(buffer) \(21 + round)")
          try daemon.evictAll()
          try client.done("read-in \(buffer) \(22 + round)")
          try daemon.evictAll()
          try client.done("verify \(buffer) \(22 + round)")
        }
        let evictor = try Evictor(daemon, seed: 2)
        defer { #expect(evictor.stop() == nil) }
        for round in 0..<20 {
          try client.done("read-in \(buffer) \(round)")
          try client.done("write-out \(buffer) \(round)")
        }
      }
    }
  }
}

// One allocation that is larger than the device: what a user of oversubscription tries first.

import CoherentControl
import CoherentSystem
import Glibc
import Testing

extension IntegrationTests {
  @Suite struct LargeAllocations {
    private static let settings = [
      "Region.BlockSize": "16M", "Region.Blocks": "4", "Region.FrameSize": "64K",
      "Pressure.EvictionRun": "2M", "Arena.Size": "256M", "Host.Limit": "160M",
    ]
    private static let bytes = 128 << 20

    @Test func twiceTheDeviceIsWrittenAndVerified() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(Self.bytes)
        let before = try daemon.status()
        #expect(before.freeBytes == 64 << 20, "nothing that was not touched takes device memory")
        #expect(before.hostReservedBytes == UInt64(Self.bytes))
        try client.done("fill \(buffer) 3")
        try client.done("verify \(buffer) 3")
        let status = try daemon.status()
        #expect(status.evictedFrames > 0 && status.restoredFrames > 0 && status.lostFrames == 0)
        #expect(status.deviceBytes <= 64 << 20)
        try client.done("advise \(buffer) discard")
        try client.done("verify-zero \(buffer)")
        try client.done("free \(buffer)")
        try daemon.eventually(status: "all is given back") {
          $0.freeBytes == 64 << 20 && $0.hostReservedBytes == 0
        }
      }
    }

    @Test func withoutAnyBlockItIsUsedInHostMemory() throws {
      try TestDaemon.with(Self.settings) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(Self.bytes)
        try daemon.offline([0, 1, 2, 3])
        try daemon.eventually(status: "the device is gone") { $0.onlineBytes == 0 }
        try client.done("fill \(buffer) 4")
        #expect(try daemon.status().hostBytes == UInt64(Self.bytes))
        try client.done("verify \(buffer) 4")
        #expect(try daemon.online([0, 1]) == [0, 1])
        try client.done("verify \(buffer) 4")
      }
    }

    @Test func moreThanTheHostsPromiseIsRefusedWithTheNumbers() throws {
      try TestDaemon.with(Self.settings.merging(["Limits.UserShare": "100"]) { $1 }) { daemon in
        let client = try daemon.client()
        let refusal = try client.refused("allocate \(161 << 20) 128 1000")
        #expect(refusal.reason == "outOfHostMemory")
        #expect(refusal.asked == 161 << 20 && refusal.available == 160 << 20)
        #expect(refusal.limit == 160 << 20)
      }
    }

    @Test func withoutOversubscriptionItIsRefusedWithTheNumbers() throws {
      try TestDaemon.with(Self.settings.merging(["Region.Oversubscribe": "no"]) { $1 }) { daemon in
        let client = try daemon.client()
        try client.allocate(16 << 20)
        let refusal = try client.refused("allocate \(Self.bytes) 128 1000")
        #expect(refusal.reason == "outOfDeviceMemory" && refusal.detail == "largerThanDevice")
        #expect(refusal.asked == Self.bytes && refusal.limit == 64 << 20)
        #expect(refusal.available == 48 << 20)
      }
    }
  }
}

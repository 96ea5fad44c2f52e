// Long-term pins: they move the range, and only the range, to host memory, and hold it there.

import CoherentControl
import CoherentSystem
import Glibc
import Testing

extension IntegrationTests {
  @Suite struct LongTermPins {
    @Test func onlyTheRangeMovesToHostMemory() throws {
      try TestDaemon.with { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(4 << 20)
        try client.done("fill \(buffer) 1")
        let pin = try client.done("pin-long \(buffer) \(1 << 20) \(1 << 20) 20000")
        #expect(Array(pin.dropFirst()) == ["0", "0", "256"], "no lease, asked for, frames moved")
        #expect(
          try client.done("query \(buffer)")
            == ["device:\(1 << 20)", "host:\(1 << 20)", "device:\(2 << 20)"])
        try daemon.eventually(status: "its device memory is free") {
          $0.deviceBytes == 3 << 20 && $0.hostBytes == 1 << 20 && $0.freeBytes == 5 << 20
        }
        try client.done("verify \(buffer) 1")
        // Nothing brings it back to the device, nor moves it.
        try daemon.evictAll()
        try client.done("verify \(buffer) 1")
        #expect(try client.done("query \(buffer)").contains("host:\(1 << 20)"))
        let again = try client.done("pin-long \(buffer) \(1 << 20) \(1 << 20) 20000")
        #expect(again.last == "0", "it was there already")
        try client.done("unpin \(again[0])")
        try client.done("unpin \(pin[0])")
        try client.done("verify \(buffer) 1")
      }
    }

    @Test func whateverThePlaceNoFrameStaysOnTheDevice() throws {
      try TestDaemon.with { daemon in
        let client = try daemon.client()
        // Never touched, on the device, evicted.
        for _ in 0..<3 { try client.allocate(1 << 20) }
        try client.done("fill 2 2")
        try daemon.evictAll()
        try client.done("fill 1 1")
        for buffer in 0..<3 {
          let pin = try client.done("pin-long \(buffer) 0 \(1 << 20) 20000")
          #expect(pin.last == "256")
          #expect(try client.done("query \(buffer)") == ["host:\(1 << 20)"])
        }
        try daemon.eventually(status: "nothing is on the device") {
          $0.deviceBytes == 0 && $0.reservedBytes == 0 && $0.freeBytes == 8 << 20
        }
        try client.done("verify-zero 0")
        for buffer in 1..<3 { try client.done("verify \(buffer) \(buffer)") }
        let other = try daemon.client()
        try other.allocate(7 << 20)
      }
    }

    @Test func onesOwnFastPinsDoNotStandInTheWay() throws {
      try TestDaemon.with(["Leases.Default": "1h", "Leases.Maximum": "1h"]) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(1 << 20)
        try client.done("fill \(buffer) 1")
        let asked = try client.number("pin \(buffer) 0 \(1 << 20) 0 20000")
        let fast = try client.done("pin \(buffer) 0 \(1 << 20) 0 20000")
        #expect(fast[2] == "1")
        let pin = try client.done("pin-long \(buffer) 0 \(1 << 20) 20000")
        #expect(pin.last == "256")
        #expect(try client.done("query \(buffer)") == ["host:\(1 << 20)"])
        #expect(try client.refused("unpin \(fast[0])").reason == "leaseExpired")
        _ = try client.ask("unpin \(asked)")
        try client.done("verify \(buffer) 1")
      }
    }

    @Test func tooLongALeaseNamesTheLongestOne() throws {
      try TestDaemon.with(["Leases.Maximum": "2s"]) { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(4096)
        let refusal = try client.refused("pin \(buffer) 0 4096 2001 0")
        #expect(refusal.reason == "leaseTooLong" && refusal.limit == 2000)
        #expect(try client.number("pin \(buffer) 0 4096 2000 20000") == 0)
      }
    }
  }
}

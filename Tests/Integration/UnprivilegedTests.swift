// Clients that are nobody: what works for them in user mode only, and what a passed
// /dev/userfaultfd changes.

import CoherentControl
import CoherentSystem
import TestSupport
import Testing

extension IntegrationTests {
  @Suite(.enabled(if: KernelRight.otherUser.isThere, "\(KernelRight.otherUser)"))
  struct Unprivileged {
    @Test func nobodyHasPointersThatAlwaysWork() throws {
      try TestDaemon.with { daemon in
        let client = try daemon.client(identity: nobody, connects: false)
        let isFullMode = try client.connect()
        #expect(!isFullMode)
        #expect(try daemon.session(of: client.process).user == 65534)
        for buffer in 0..<8 {
          try client.allocate(2 << 20)
          try client.done("fill \(buffer) \(buffer)")
        }
        for buffer in 0..<8 { try client.done("verify \(buffer) \(buffer)") }
        let writer = try daemon.client(identity: nobody)
        for _ in 0..<8 { try writer.allocate(128 << 10) }
        try writer.done("write 2 1 0")
        let evictor = try Evictor(daemon, seed: 21, migrates: 9)
        defer { #expect(evictor.stop() == nil) }
        let evicted = try daemon.status().evictedFrames
        try daemon.eventually(status: "frames are evicted") { $0.evictedFrames > evicted + 3000 }
        try writer.done("stop-writing")
        for buffer in 0..<8 { try client.done("verify \(buffer) \(buffer)") }
      }
    }

    @Test func inUserModeASystemCallNeedsAPin() throws {
      try TestDaemon.with { daemon in
        let client = try daemon.client(identity: nobody)
        let buffer = try client.allocate(256 << 10)
        try client.done("fill \(buffer) 5")
        try daemon.evictAll()
        let efault = ClientAnswer.otherwise("error 14")
        #expect(try client.ask("write-out \(buffer) 5") == efault)
        #expect(try client.ask("read-in \(buffer) 6") == efault)
        #expect(try client.done("query \(buffer)") == ["stored:\(256 << 10)"], "nothing was done")
        let pin = try client.number("pin \(buffer) 0 \(256 << 10) 10000 20000")
        try client.done("write-out \(buffer) 5")
        try client.done("read-in \(buffer) 6")
        try client.done("write-out \(buffer) 6")
        try client.done("unpin \(pin)")
        try client.done("verify \(buffer) 6")
        try daemon.evictAll()
        try client.done("verify \(buffer) 6")
      }
    }

    @Test(.enabled(if: KernelRight.userfaultfdDevice.isThere, "\(KernelRight.userfaultfdDevice)"))
    func aPassedDeviceGivesNobodyFullMode() throws {
      try TestDaemon.with(["Userfault.PassDevice": "yes"]) { daemon in
        let client = try daemon.client(identity: nobody, connects: false)
        let isFullMode = try client.connect()
        #expect(isFullMode)
        let buffer = try client.allocate(1 << 20)
        try client.done("fill \(buffer) 7")
        for round in 7..<10 {
          try daemon.evictAll()
          try client.done("write-out \(buffer) \(round)")
          try daemon.evictAll()
          try client.done("read-in \(buffer) \(round + 1)")
        }
      }
    }

    @Test func theSocketsModeSaysWhoMayBeAClient() throws {
      try TestDaemon.with(["Sockets.ClientMode": "0600"]) { daemon in
        let client = try daemon.client(identity: nobody, connects: false)
        let refusal = try client.refused("connect")
        #expect(refusal.reason == "notPermitted" && refusal.detail == "connectDenied")
      }
      let group = ["Sockets.ClientMode": "0660", "Sockets.ClientGroup": "65534"]
      try TestDaemon.with(group) { daemon in
        let client = try daemon.client(identity: nobody)
        try client.allocate(4096)
      }
    }
  }
}

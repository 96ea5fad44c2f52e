// Starting by a connection, and who may make one.

import CoherentSystem
import TestSupport
import Testing

extension SystemTests {
  @Suite(.enabled(if: obstacle == nil, reason)) struct Activation {
    @Test func theFirstClientStartsTheDaemonAndUsesMoreThanTheDeviceHolds() throws {
      try Sandbox.with { sandbox in
        #expect(try sandbox.property("ActiveState") == "inactive")
        let client = try SandboxClient(sandbox)
        #expect(try sandbox.property("ActiveState") == "active")
        try client.fill(buffers: 0..<6, bytesEach: 4 << 20)
        try client.verify(buffers: 0..<6)
        let status = try sandbox.done("coherentctl --json status")
        #expect(status.contains("\"sessions\": 1,"))
        #expect(try sandbox.property("NRestarts") == "0")
      }
    }

    @Test func theFirstAdministratorStartsTheDaemon() throws {
      try Sandbox.with { sandbox in
        #expect(try sandbox.property("ActiveState") == "inactive")
        let status = try sandbox.done("coherentctl status")
        #expect(status.contains("running"))
        #expect(try sandbox.property("ActiveState") == "active")
      }
    }

    @Test func aClientIsToldApartByItsUnit() throws {
      try Sandbox.with { sandbox in
        let client = try SandboxClient(sandbox)
        try client.done("process")
        let sessions = try sandbox.done("coherentctl --json sessions")
        #expect(sessions.contains("\"comm\": \"integration-cli\""))
        #expect(sessions.contains(".scope\""))
      }
    }

    @Test func onlyTheGroupOfAdministratorsIsAdmitted() throws {
      try Sandbox.with { sandbox in
        let nobody = "setpriv --reuid 65534 --regid 65534"
        let stranger = try sandbox.run("\(nobody) --clear-groups coherentctl")
        #expect(stranger.exit == .status(1))
        #expect(stranger.output.contains("permission denied"))
        let client = try sandbox.run("\(nobody) --groups coherent coherentctl")
        #expect(client.exit == .status(1))
        #expect(try sandbox.property("ActiveState") == "inactive", "nobody was let in")
        let administrator = try sandbox.run("\(nobody) --groups coherent-admin coherentctl")
        #expect(administrator.isGood, "\(administrator.output)")
      }
    }

    @Test func onlyTheGroupOfClientsMayOpenTheirSocket() throws {
      try Sandbox.with { sandbox in
        let state = try sandbox.done("stat -c '%A %U %G' /run/coherentd/coherentd.socket")
        #expect(state == "srw-rw---- root coherent")
        let control = try sandbox.done("stat -c '%A %U %G' /run/coherentd/io.coherentd.Control")
        #expect(control == "srw-rw---- root coherent-admin")
      }
    }

    @Test(.enabled(if: KernelRight.userfaultfdDevice.isThere, "\(KernelRight.userfaultfdDevice)"))
    func passesTheDeviceToNobodyIfItIsSoConfigured() throws {
      try Sandbox.with { sandbox in
        let modest = try SandboxClient(sandbox, asNobody: true)
        #expect(!modest.isFullMode)
        // What udev makes of the installed rule. The node inside is the machine's: it is replaced.
        let device = Self.device
        let rule = try sandbox.done("cat /usr/local/lib/udev/rules.d/60-coherentd.rules")
        #expect(rule.contains("KERNEL==\"userfaultfd\", GROUP=\"coherentd\", MODE=\"0660\""))
        let number = try sandbox.done("printf '%d %d' $(stat -c '0x%t 0x%T' \(device))")
        try sandbox.done("umount \(device) && rm \(device)")
        try sandbox.done("mknod -m 660 \(device) c \(number) && chgrp coherentd \(device)")
        try sandbox.configure("[Userfault]\nPassDevice=yes", as: "70-device")
        try sandbox.done("systemctl stop coherentd.service")
        let client = try SandboxClient(sandbox, asNobody: true)
        #expect(client.isFullMode)
        try client.fill(buffers: 0..<4, bytesEach: 4 << 20)
        try client.done("write-out 0 0")
        try client.verify(buffers: 0..<4)
      }
    }

    private static let device = "/dev/userfaultfd"
  }
}

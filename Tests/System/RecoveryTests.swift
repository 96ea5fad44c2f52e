// Death and restart with clients that live on: what they hold and what is in it is as before, with
// a real systemd as the one that keeps it meanwhile.

import CoherentSystem
import Testing

extension SystemTests {
  @Suite(.enabled(if: obstacle == nil, reason)) struct Recovery {
    private static let recovered = "MESSAGE_ID=f34c36487e48428184dfdd99a23c4cc8"

    /// Two clients with far more than the device holds: one with data at rest and a pin, one whose
    /// threads go on writing.
    private struct Clients {
      let resting: SandboxClient
      let writing: SandboxClient
      let buffers = 0..<6
      private let sandbox: Sandbox

      init(_ sandbox: Sandbox) throws {
        self.sandbox = sandbox
        try sandbox.configure("[Leases]\nMaximum=1h", as: "70-lease")
        resting = try SandboxClient(sandbox)
        try resting.fill(buffers: buffers, bytesEach: 4 << 20)
        try resting.done("pin 1 0 65536 3000000 20000")
        writing = try SandboxClient(sandbox)
        for _ in 0..<16 { try writing.done("allocate \(256 << 10) 128 20000") }
        try writing.done("write 2 1 0")
      }

      /// What has a number in the daemon: the allocations, and the pin without what is left of its
      /// lease.
      func holdings() throws -> String {
        let allocations = try sandbox.done(
          "coherentctl --json allocations | grep -E '\"(id|session|size_bytes|address)\"'")
        let pins = try sandbox.done(
          "coherentctl --json pins | grep -E '\"(id|session|allocation|length_bytes)\"'")
        #expect(allocations.split(separator: "\n").count >= 22 * 2)
        #expect(pins.contains("\"length_bytes\": 65536"))
        return allocations + "\n" + pins
      }

      /// Every byte is there, the pin holds, and the writers write.
      func expectUnharmed() throws {
        let written = try resultNumber("written")
        try resting.verify(buffers: buffers)
        let end = Clock.monotonicNanoseconds() + 60_000_000_000
        while try resultNumber("written") <= written {
          guard Clock.monotonicNanoseconds() < end else { throw TestFailure("nobody writes on") }
        }
      }

      /// What the clients had is theirs, and can be given back.
      func finish() throws {
        #expect(try resultNumber("stop-writing") > 0)
        try resting.done("unpin 0")
        try resting.verify(buffers: buffers)
        for buffer in buffers { try resting.done("free \(buffer)") }
        try sandbox.wait(until: "coherentctl --json status | grep -q '\"allocations\": 16,'")
      }

      private func resultNumber(_ command: String) throws -> Int {
        try #require(try writing.done(command).first.flatMap { Int($0) })
      }
    }

    private func expected(_ sandbox: Sandbox) throws -> String {
      try sandbox.done(
        "coherentctl --json status"
          + " | sed -n 's/.*stored_descriptors_expected\": \\([0-9]*\\).*/\\1/p'")
    }

    private func expectStored(_ sandbox: Sandbox, _ count: Int) throws {
      #expect(try expected(sandbox) == "\(count)")
      #expect(try sandbox.property("NFileDescriptorStore") == "\(count)")
    }

    private static func saysNothingIsLost(_ status: String) -> Bool {
      status.contains("\"lost_frames\": 0,")
    }

    @Test func aStatusWithALossIsSeen() {
      #expect(Self.saysNothingIsLost("{\"lost_frames\": 0, \"pins\": 1}"))
      #expect(!Self.saysNothingIsLost("{\"lost_frames\": 1, \"pins\": 0}"))
      #expect(!Self.saysNothingIsLost("{\"pins\": 0}"))
    }

    @Test func aKilledDaemonKeepsEveryClientsData() throws {
      try Sandbox.with { sandbox in
        let clients = try Clients(sandbox)
        let holdings = try clients.holdings()
        for round in 1...5 {
          try sandbox.done("systemctl kill --signal=SIGKILL coherentd.service")
          try clients.expectUnharmed()
          #expect(try sandbox.property("NRestarts") == "\(round)")
          #expect(try clients.holdings() == holdings)
          let status = try sandbox.done("coherentctl --json status")
          #expect(status.contains("\"generation\": \(round + 1)"))
          #expect(Self.saysNothingIsLost(status))
          try expectStored(sandbox, 2 + 2 * 4)
        }
        try clients.finish()
        let found = try sandbox.done("journalctl --quiet --output=cat \(Self.recovered)")
        #expect(found.split(separator: "\n").count == 5)
        #expect(found.contains("2 sessions, 22 allocations, "))
      }
    }

    @Test func aRestartKeepsEveryClientsData() throws {
      try Sandbox.with { sandbox in
        let clients = try Clients(sandbox)
        let holdings = try clients.holdings()
        let socket = try sandbox.done("stat -c %i /run/coherentd/coherentd.socket")
        for round in 1...3 {
          try sandbox.done("systemctl restart coherentd.service")
          try clients.expectUnharmed()
          #expect(try clients.holdings() == holdings)
          let status = try sandbox.done("coherentctl --json status")
          #expect(status.contains("\"generation\": \(round + 1)"))
          try expectStored(sandbox, 2 + 2 * 4)
        }
        #expect(try sandbox.property("Result") == "success")
        #expect(try sandbox.done("stat -c %i /run/coherentd/coherentd.socket") == socket)
        try clients.finish()
        let text = try sandbox.done("journalctl --no-pager --quiet -x \(Self.recovered)")
        #expect(text.contains("2 sessions with 22 allocations"))
        #expect(!text.contains("@COHERENT_"))
      }
    }

    @Test func mistakesInTheConfigurationDoNotKeepTheNextDaemonAway() throws {
      try Sandbox.with { sandbox in
        let clients = try Clients(sandbox)
        try sandbox.configure("[Limits]\nSessions=few\nAllocationsPerSession=17", as: "80-wrong")
        try sandbox.done("systemctl restart coherentd.service")
        try clients.expectUnharmed()
        try expectStored(sandbox, 2 + 2 * 4)
        let journal = try sandbox.done("journalctl --no-pager --unit coherentd.service")
        #expect(journal.contains("80-wrong.conf:2: [Limits] Sessions=few: expected"))
        #expect(try sandbox.property("StatusText").contains("mistakes that are left out"))
        // What is right in the same file applies.
        try clients.writing.done("allocate 4096 128 1000")
        let refused = try clients.writing.ask("allocate 4096 128 1000")
        #expect(refused.hasPrefix("refused overLimit "))
        // Without anybody's data it would not begin.
        try sandbox.done("systemctl stop coherentd.socket coherentd-control.socket")
        #expect(try !sandbox.run("systemctl start coherentd.service").isGood)
        try sandbox.waitUntilEnded(withStatus: 78)
        try clients.expectUnharmed()
      }
    }

    @Test func theStoreHoldsWhatStatusExpects() throws {
      try Sandbox.with { sandbox in
        try sandbox.done("coherentctl status")
        try expectStored(sandbox, 2)
        do {
          let clients = try (0..<3).map { _ in try SandboxClient(sandbox) }
          try expectStored(sandbox, 2 + 3 * 4)
          let status = try sandbox.done("coherentctl status")
          #expect(status.contains("systemd has 14 of 14 descriptors"), "\(status)")
          // A client that dies while nobody serves it is forgotten with all that was stored.
          try sandbox.done("systemctl kill --signal=SIGSTOP coherentd.service")
          withExtendedLifetime(clients) {}
        }
        try sandbox.done("systemctl kill --signal=SIGKILL coherentd.service")
        try sandbox.wait(until: "test $(systemctl show --value -p NRestarts coherentd) = 1")
        try sandbox.done("coherentctl status")
        try expectStored(sandbox, 2)
      }
    }

    @Test func aStopLeavesNothingInTheStore() throws {
      try Sandbox.with { sandbox in
        let clients = try Clients(sandbox)
        try sandbox.done("systemctl restart coherentd.service")
        try clients.expectUnharmed()
        // With its sockets: a client that connects again would start it.
        try sandbox.done("systemctl stop coherentd.socket coherentd-control.socket")
        #expect(try sandbox.property("ActiveState") == "inactive")
        #expect(try sandbox.property("SubState") == "dead")
        #expect(try sandbox.property("NFileDescriptorStore") == "0")
        try clients.expectUnharmed()
        try sandbox.done("systemctl start coherentd.service")
        let status = try sandbox.done("coherentctl --json status")
        #expect(status.contains("\"generation\": 1"))
        try clients.resting.verify(buffers: clients.buffers)
        // What there is of the device is whole again.
        let next = try SandboxClient(sandbox)
        try next.fill(buffers: clients.buffers, bytesEach: 4 << 20)
        try next.verify(buffers: clients.buffers)
      }
    }
  }
}

// Restarts, wanted and unwanted: the service is back by itself, and who connects meanwhile waits.

import Testing

extension SystemTests {
  @Suite(.enabled(if: obstacle == nil, reason)) struct Restart {
    @Test func aRestartBringsANewDaemonBehindTheSameSockets() throws {
      try Sandbox.with { sandbox in
        try sandbox.done("coherentctl status")
        let process = try sandbox.property("MainPID")
        let socket = try sandbox.done("stat -c %i /run/coherentd/coherentd.socket")
        try sandbox.done("systemctl restart coherentd.service")
        #expect(try sandbox.property("ActiveState") == "active")
        #expect(try sandbox.property("MainPID") != process)
        #expect(try sandbox.done("stat -c %i /run/coherentd/coherentd.socket") == socket)
        let client = try SandboxClient(sandbox)
        try client.fill(buffers: 0..<4, bytesEach: 4 << 20)
        try client.verify(buffers: 0..<4)
      }
    }

    @Test func aKilledDaemonIsBackByItselfHoweverOften() throws {
      try Sandbox.with { sandbox in
        try sandbox.done("coherentctl status")
        for round in 1...10 {
          try sandbox.done("systemctl kill --signal=SIGKILL coherentd.service")
          // Whoever asks meanwhile waits in the socket's queue.
          try sandbox.wait(
            until: "test $(systemctl show --value -p NRestarts coherentd) = \(round)")
          try sandbox.done("coherentctl status")
        }
        #expect(try sandbox.property("ActiveState") == "active")
        for unit in ["coherentd.socket", "coherentd-control.socket"] {
          #expect(try sandbox.property("ActiveState", of: unit) == "active")
        }
      }
    }

    @Test func aWrongConfigurationIsSaidInTheJournalAndLeavesTheSockets() throws {
      try Sandbox.with { sandbox in
        try sandbox.configure("[Region]\nBlocks=many", as: "70-wrong")
        let start = try sandbox.run("systemctl start coherentd.service")
        #expect(!start.isGood)
        try sandbox.waitUntilEnded(withStatus: 78)
        let journal = try sandbox.done("journalctl --no-pager --unit coherentd.service")
        #expect(journal.contains("70-wrong.conf:2: [Region] Blocks=many"))
        #expect(try sandbox.property("ActiveState", of: "coherentd.socket") == "active")
        // Once it is right, nobody has to start it.
        try sandbox.done("rm /etc/coherentd/coherentd.conf.d/70-wrong.conf")
        try sandbox.wait(until: "systemctl is-active coherentd.service")
        try sandbox.done("coherentctl status")
      }
    }
  }
}

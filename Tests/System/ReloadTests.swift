// A reload by systemctl: the daemon and its clients go on, with what can change or as before.

import Testing

extension SystemTests {
  @Suite(.enabled(if: obstacle == nil, reason)) struct Reload {
    /// Reloads, which succeeds or fails, and waits until the journal says what came of it.
    private static func reload(
      _ sandbox: Sandbox, until sentence: String, fails: Bool = false
    ) throws {
      let run = try sandbox.run("systemctl reload coherentd.service")
      #expect(run.isGood != fails, "\(run.output)")
      try sandbox.wait(until: "journalctl --no-pager -u coherentd.service | grep -q '\(sentence)'")
    }

    @Test func whatCanChangeIsInEffectAndClientsGoOn() throws {
      try Sandbox.with { sandbox in
        let client = try SandboxClient(sandbox)
        try client.fill(buffers: 0..<4, bytesEach: 4 << 20)
        let process = try sandbox.property("MainPID")
        try sandbox.configure("[Limits]\nAllocationsPerSession=4", as: "70-reload")
        try Self.reload(sandbox, until: "configuration reloaded: .*AllocationsPerSession=4")
        #expect(try client.ask("allocate 4096 128 1000").hasPrefix("refused overLimit "))
        try client.verify(buffers: 0..<4)
        #expect(try sandbox.property("MainPID") == process)
        #expect(try sandbox.property("ActiveState") == "active")
      }
    }

    @Test func whatCannotChangeIsNamedAndStays() throws {
      try Sandbox.with { sandbox in
        try sandbox.done("systemctl start coherentd.service")
        try sandbox.configure("[Region]\nBlocks=8", as: "70-reload")
        try Self.reload(sandbox, until: "Blocks stays at 4 until restart")
        #expect(try sandbox.done("coherentctl").contains("4 blocks of 2 MiB"))
      }
    }

    @Test func aFileWithAMistakeChangesNothing() throws {
      try Sandbox.with { sandbox in
        let client = try SandboxClient(sandbox)
        try client.fill(buffers: 0..<4, bytesEach: 4 << 20)
        let process = try sandbox.property("MainPID")
        try sandbox.configure("[Limits]\nAllocationsPerSession=4\nSessions=few", as: "70-reload")
        try Self.reload(sandbox, until: "configuration not reloaded", fails: true)
        let journal = try sandbox.done("journalctl --no-pager --unit coherentd.service")
        #expect(journal.contains("70-reload.conf:3: [Limits] Sessions=few"))
        try client.done("allocate 4096 128 1000")
        #expect(try sandbox.property("MainPID") == process)
        try sandbox.wait(
          until: "systemctl show --value -p StatusText coherentd | grep -q 'reload was refused'")
      }
    }
  }
}

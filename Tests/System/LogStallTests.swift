// A journal that is stopped: clients, administrators, a restart and a stop do not wait for it.

import Testing

extension SystemTests {
  @Suite(.enabled(if: obstacle == nil, reason)) struct LogStall {
    @Test func aStoppedJournalHoldsUpNobody() throws {
      try Sandbox.with { sandbox in
        let client = try SandboxClient(sandbox)
        try client.fill(buffers: 0..<4, bytesEach: 4 << 20)
        try sandbox.done("systemctl kill --signal=STOP systemd-journald.service")
        // Until there is no room for another message, and the next one would wait.
        let entry = "printf 'MESSAGE=x\\nPRIORITY=6\\n'"
        let filled = try sandbox.run(
          "for n in $(seq 5000); do \(entry) | timeout 1 logger --journald || exit 7; done")
        #expect(filled.exit == .status(7), "the journal's queue is full: \(filled.output)")
        // Each is a line at least.
        for _ in 0..<30 { _ = try client.ask("allocate \(600 << 20) 128 0") }
        for _ in 0..<3 { try client.verify(buffers: 0..<4) }
        try sandbox.done("timeout 10 coherentctl status")
        let process = try sandbox.property("MainPID")
        try sandbox.done("timeout 60 systemctl restart coherentd.service")
        #expect(try sandbox.property("MainPID") != process)
        try client.verify(buffers: 0..<4)
        try sandbox.done("timeout 10 coherentctl status")
        try sandbox.done(
          "timeout 60 systemctl stop coherentd.service coherentd.socket coherentd-control.socket")
        #expect(try sandbox.property("Result") == "success")
        #expect(try sandbox.property("NRestarts") == "0", "no watchdog was needed")
        try client.verify(buffers: 0..<4)
        try sandbox.done("systemctl kill --signal=CONT systemd-journald.service")
      }
    }
  }
}

// The supervisor's watchdog: who hangs is replaced, who works is left alone.

import Testing

extension SystemTests {
  @Suite(.enabled(if: obstacle == nil, reason)) struct Watchdog {
    /// The unit waits long enough for a loaded machine; a test does not.
    private static func hurry(_ sandbox: Sandbox) throws {
      let directory = "/etc/systemd/system/coherentd.service.d"
      try sandbox.done(
        "mkdir -p \(directory) && printf '[Service]\\nWatchdogSec=2s\\n' >\(directory)/test.conf")
      try sandbox.done("systemctl daemon-reload")
    }

    @Test func aDaemonThatHangsIsReplaced() throws {
      try Sandbox.with { sandbox in
        try Self.hurry(sandbox)
        try sandbox.done("coherentctl status")
        let process = try sandbox.property("MainPID")
        try sandbox.done("kill -STOP \(process)")
        try sandbox.wait(until: "test $(systemctl show --value -p NRestarts coherentd) -ge 1")
        try sandbox.done("coherentctl status")
        #expect(try sandbox.property("MainPID") != process)
        let journal = try sandbox.done("journalctl --no-pager --unit coherentd.service")
        #expect(journal.contains("Watchdog timeout"))
      }
    }

    @Test func aDaemonThatWorksIsLeftAlone() throws {
      try Sandbox.with { sandbox in
        try Self.hurry(sandbox)
        let client = try SandboxClient(sandbox)
        try client.fill(buffers: 0..<4, bytesEach: 4 << 20)
        // Three signs of life, each later than what systemd had before.
        for _ in 0..<3 {
          let before = try sandbox.property("WatchdogTimestampMonotonic")
          var now = before
          for _ in 0..<1000 where now == before {
            try client.verify(buffers: 0..<4)
            now = try sandbox.property("WatchdogTimestampMonotonic")
          }
          #expect(now != before)
        }
        #expect(try sandbox.property("NRestarts") == "0")
        #expect(try sandbox.property("ActiveState") == "active")
      }
    }

    @Test func theUnitAsItIsHasAWatchdog() throws {
      try Sandbox.with { sandbox in
        try sandbox.done("systemctl start coherentd.service")
        #expect(try sandbox.property("WatchdogUSec") == "30s")
      }
    }
  }
}

// The metrics as a scraper gets them from the installed units.

import Testing

extension SystemTests {
  @Suite(.enabled(if: obstacle == nil, reason)) struct Metrics {
    /// One request over the shell's own means: a small system has no curl.
    private static let scrape = """
      exec 3<>/dev/tcp/127.0.0.1/9797 && printf 'GET /metrics HTTP/1.1\r\n\r\n' >&3 && cat <&3
      """

    private static func scraped(_ sandbox: Sandbox) throws -> String {
      try sandbox.done("bash -c \"$(cat <<'END'\n\(scrape)\nEND\n)\"")
    }

    @Test func nobodyListensUnlessItIsWanted() throws {
      try Sandbox.with { sandbox in
        let state = try sandbox.run("systemctl is-enabled coherentd-metrics.socket")
        #expect(state.output.contains("disabled"))
        #expect(try sandbox.property("ActiveState", of: "coherentd-metrics.socket") == "inactive")
      }
    }

    @Test func aScraperStartsTheServerWhichAsksTheDaemon() throws {
      try Sandbox.with { sandbox in
        try sandbox.done("systemctl enable --now coherentd-metrics.socket")
        let page = try Self.scraped(sandbox)
        #expect(page.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(page.contains("\ncoherentd_up 1\n"), "\(page)")
        #expect(page.contains("\ncoherentd_capacity_bytes 8388608\n"))
        let process = try sandbox.property("MainPID", of: "coherentd-metrics.service")
        let status = try sandbox.done("cat /proc/\(process)/status")
        #expect(status.contains("CapEff:\t0000000000000000"))
        #expect(!status.contains("Uid:\t0\t"))
        try sandbox.done("systemctl stop coherentd-metrics.service coherentd-metrics.socket")
        #expect(try sandbox.property("Result", of: "coherentd-metrics.service") == "success")
      }
    }
  }
}

// The units as systemd reads them.

import Testing

extension SystemTests {
  @Suite(.enabled(if: obstacle == nil, reason)) struct Units {
    @Test func systemdFindsNothingWrongWithTheUnits() throws {
      try Sandbox.with { sandbox in
        let units =
          "coherentd.service coherentd.socket coherentd-control.socket "
          + "coherentd-metrics.service coherentd-metrics.socket"
        let run = try sandbox.run("systemd-analyze verify --man=no \(units)")
        #expect(run.isGood)
        #expect(run.output == "")
      }
    }

    @Test func theServiceIsExposedNoMoreThanItMustBe() throws {
      try Sandbox.with { sandbox in
        let run = try sandbox.run("systemd-analyze security --threshold=7 coherentd.service")
        #expect(run.isGood, "\(run.output)")
        let metrics = try sandbox.run(
          "systemd-analyze security --threshold=15 coherentd-metrics.service")
        #expect(metrics.isGood, "\(metrics.output)")
      }
    }

    @Test func theServiceRunsAsItsOwnUserWithoutCapabilitiesOrSwap() throws {
      try Sandbox.with { sandbox in
        try sandbox.done("systemctl start coherentd.service")
        let process = try sandbox.property("MainPID")
        let status = try sandbox.done("cat /proc/\(process)/status")
        let user = try sandbox.done("id -u coherentd")
        #expect(status.contains("Uid:\t\(user)\t\(user)\t\(user)\t\(user)"))
        #expect(status.contains("CapEff:\t0000000000000000"))
        #expect(status.contains("CapBnd:\t0000000000000000"))
        #expect(status.contains("NoNewPrivs:\t1"))
        #expect(try sandbox.property("MemorySwapMax") == "0")
        #expect(try sandbox.property("StartLimitIntervalUSec") == "0")
        #expect(try sandbox.property("OOMScoreAdjust") == "-900")
      }
    }

    @Test func aPersonSeesWhatItHasInTheStatus() throws {
      try Sandbox.with { sandbox in
        try sandbox.done("systemctl start coherentd.service")
        let status = try sandbox.done("systemctl status --full coherentd.service")
        #expect(status.contains("Device memory daemon"))
        #expect(status.contains("man:coherentd(8)"))
        #expect(try sandbox.property("StatusText").contains("8 MiB"))
        #expect(try sandbox.property("SubState") == "running")
      }
    }
  }
}

// Installing below a directory of one's own, as packages are made: no root is needed, and nothing
// of the machine changes.

import CoherentSystem
import Testing

extension SystemTests {
  @Suite struct Installation {
    @Test func everythingIsInItsPlaceAndIsGoneAfterwards() throws {
      try Destination.with { destination in
        try destination.install()
        let files = try destination.files()
        for file in Self.expected { #expect(files.contains("/usr/local/\(file)"), "\(file)") }
        #expect(!files.contains { $0.hasSuffix(".new") })
        try destination.uninstall()
        #expect(try destination.files() == [])
        #expect(try Directory.names(path: destination.path) == [])
      }
    }

    private static let expected = [
      "bin/coherentd", "bin/coherentctl", "lib/coherentd/coherentd.conf",
      "lib/systemd/system/coherentd.service", "lib/systemd/system/coherentd.socket",
      "lib/systemd/system/coherentd-control.socket",
      "lib/systemd/system/coherentd-metrics.socket",
      "lib/systemd/system/coherentd-metrics.service", "lib/sysusers.d/coherentd.conf",
      "lib/systemd/system-preset/60-coherentd.preset", "share/man/man8/coherentd.8",
      "share/man/man1/coherentctl.1", "share/man/man5/coherentd.conf.5",
      "share/bash-completion/completions/coherentctl",
    ]

    @Test func theServiceStartsTheProgramWhereItWasPut() throws {
      try Destination.with { destination in
        for prefix in ["/usr", "/usr/local", "/usr/lib/elsewhere"] {
          try destination.install(prefix: prefix)
          let units = prefix == "/usr" ? "/usr/lib" : "/usr/local/lib"
          let service = try destination.text("\(units)/systemd/system/coherentd.service")
          #expect(service.contains("\nExecStart=\(prefix)/bin/coherentd\n"))
          #expect(!service.contains("@bindir@"))
          let metrics = try destination.text("\(units)/systemd/system/coherentd-metrics.service")
          #expect(metrics.contains("\nExecStart=\(prefix)/bin/coherentctl metrics\n"))
          try destination.uninstall(prefix: prefix)
          #expect(try destination.files() == [])
        }
      }
    }

    @Test(arguments: [("252", 0), ("253", 0), ("254", 1), ("257", 1)])
    func onlyWhatTheSystemdKnowsIsAdded(_ version: String, _ dropIns: Int) throws {
      try Destination.with { destination in
        try destination.install(options: ["--systemd", version])
        let found = try destination.files().filter { $0.contains("/coherentd.service.d/") }
        #expect(found.count == dropIns)
        try destination.uninstall()
      }
    }

    @Test func installingTwiceIsInstallingOnce() throws {
      try Destination.with { destination in
        try destination.install()
        let files = try destination.files()
        try destination.install()
        #expect(try destination.files() == files)
        try destination.uninstall()
        #expect(try destination.files() == [])
      }
    }

    @Test func whatAnAdministratorChangedIsKeptAndNamedUnlessItIsToGo() throws {
      try Destination.with { destination in
        try destination.install()
        let vendor = "/usr/local/lib/coherentd/coherentd.conf"
        let own = "/etc/coherentd/coherentd.conf.d/60-local.conf"
        try destination.write(vendor, "[Region]\nBlocks=4\n")
        try destination.write(own, "[Region]\nBlocks=5\n")
        #expect(try destination.install().contains("kept, as it was changed: "))
        #expect(try destination.text(vendor).contains("Blocks=4"))
        let said = try destination.uninstall()
        #expect(said.contains(vendor) && said.contains("/etc/coherentd"))
        let list = "/usr/local/lib/coherentd/installed"
        #expect(try destination.files() == [own, vendor, list].sorted())
        try destination.uninstall(options: ["--purge"])
        #expect(try destination.files() == [])
      }
    }

    @Test func missingProgramsAreNamedWithTheWayToBuildThem() throws {
      try Destination.with { destination in
        let run = try destination.run(Sandbox.installer, ["--products", "/nowhere"])
        #expect(run.exit == .status(1))
        #expect(run.output.contains("/nowhere/coherentd is not there"))
        #expect(run.output.contains("swift build -c release --static-swift-stdlib"))
        #expect(try destination.files() == [])
      }
    }

    @Test func programsThatNeedSwiftWhereItWasBuiltAreRefused() throws {
      try Destination.with { destination in
        let run = try destination.run(
          Sandbox.installer, ["--products", Built.debugDirectory()])
        #expect(run.exit == .status(1))
        #expect(run.output.contains("--static-swift-stdlib"))
        #expect(try destination.files() == [])
      }
    }

    @Test func thereIsNothingToRemoveWhereNothingWasInstalled() throws {
      try Destination.with { destination in
        let run = try destination.run(Sandbox.remover, [])
        #expect(run.exit == .status(1))
        #expect(run.output.contains("nothing to remove"))
      }
    }
  }
}

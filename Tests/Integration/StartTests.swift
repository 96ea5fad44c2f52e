// How the daemon starts, and when it does not.

import CoherentControl
import CoherentSystem
import Testing

extension IntegrationTests {
  @Suite struct Start {
    @Test func theCapacityIsCommittedBeforeItIsAnnounced() throws {
      try TestDaemon.with(["Region.Blocks": "8"]) { daemon in
        let status = try daemon.status()
        #expect(status.capacityBytes == 16 << 20)
        #expect(status.onlineBytes == status.capacityBytes)
        #expect(status.freeBytes == status.capacityBytes)
        #expect(status.committedBytes == status.capacityBytes)
        #expect(status.frameBytes == 4096 && status.blocks == 8)
        let files = try MemoryFiles(process: daemon.process)
        #expect(files.files.count == 1)
        #expect(files.region?.committedBytes == status.capacityBytes)
        #expect(files.region?.sizeBytes == 128 << 21, "it has addresses for blocks to come")
      }
    }

    @Test func aWrongConfigurationIsToldWholeAndStartsNothing() throws {
      let directory = try Directory.createTemporary(prefix: "coherentd-test-")
      defer { try? Directory.removeEmpty(path: directory) }
      let path = "\(directory)/conf"
      let text = """
        [Region]
        FrameSize=63K
        Bloks=3
        Blocks=many
        [Nonsense]
        [Leases]
        Default=20s
        [Log]
        Level=loud
        """
      try SmallFile.write(path: path, Array(text.utf8))
      defer { try? SmallFile.remove(path: path) }
      for arguments in [["--config", path], ["--config", path, "--check-config"]] {
        let run = try ProgramRun(.daemon, arguments)
        #expect(run.exit == .status(78))
        #expect(run.output == "")
        for part in [
          "\(path):2: [Region] FrameSize=63K: expected ",
          "\(path):3: [Region] Bloks=3: unknown key",
          "\(path):4: [Region] Blocks=many: expected ", "\(path):5: ",
          "\(path):9: [Log] Level=loud: expected ",
        ] {
          #expect(run.complaint.contains(part), "\(part) in \(run.complaint)")
        }
      }
    }

    @Test func checkingTheConfigurationStartsNothing() throws {
      let directory = try Directory.createTemporary(prefix: "coherentd-test-")
      defer { try? Directory.removeEmpty(path: directory) }
      let path = "\(directory)/conf"
      let settings = DaemonSettings([:], directory: directory)
      try SmallFile.write(path: path, Array(settings.text.utf8))
      let run = try ProgramRun(.daemon, ["--check-config", "--config=\(path)"])
      #expect(run.exit == .status(0))
      #expect(run.output.contains("configuration is good"))
      #expect(run.output.contains("BlockSize=2M"))
      #expect(run.complaint == "")
      try SmallFile.remove(path: path)
      #expect(try Directory.names(path: directory) == [], "no socket was made")
    }

    @Test func aRegionThatTheHostCannotHoldSaysWhatIsMissing() throws {
      let directory = try Directory.createTemporary(prefix: "coherentd-test-")
      defer { try? Directory.removeEmpty(path: directory) }
      let path = "\(directory)/conf"
      let settings = DaemonSettings(
        ["Region.BlockSize": "64G", "Region.Blocks": "64"], directory: directory)
      try SmallFile.write(path: path, Array(settings.text.utf8))
      let run = try ProgramRun(.daemon, ["--config", path])
      guard case .status(let status) = run.exit else {
        Issue.record("it ended by \(run.exit)")
        return
      }
      #expect(status != 0)
      #expect(run.complaint.contains("the region: 4 TiB of host memory needed, "))
      #expect(run.complaint.contains(" available, "))
      #expect(run.complaint.contains(" missing; "))
      try SmallFile.remove(path: path)
      #expect(try Directory.names(path: directory) == [], "no socket was made")
    }

    @Test func aSecondDaemonOnTheSameSocketsDoesNotStartAndHarmsNotTheFirst() throws {
      try TestDaemon.with { daemon in
        let client = try daemon.client()
        let run = try ProgramRun(.daemon, ["--config", "\(daemon.directory)/conf"])
        #expect(run.exit != .status(0))
        #expect(run.complaint.contains("\(daemon.clientPath)"))
        let buffer = try client.allocate(1 << 20)
        try client.done("fill \(buffer) 1")
        try client.done("verify \(buffer) 1")
        #expect(try daemon.status().sessions == 1)
      }
    }

    @Test func severalDaemonsLiveSideBySide() throws {
      try TestDaemon.with { first in
        try TestDaemon.with(["Region.Blocks": "2"]) { second in
          let one = try first.client()
          let other = try second.client()
          for client in [one, other] {
            let buffer = try client.allocate(3 << 20)
            try client.done("fill \(buffer) 5")
          }
          try first.evictAll()
          for client in [one, other] { try client.done("verify 0 5") }
          #expect(try first.status().evictedFrames == 768)
          #expect(try second.status().evictedFrames == 0)
        }
      }
    }

    @Test func wrongArgumentsAreRefusedAndHelpNeedsNothing() throws {
      #expect(try ProgramRun(.daemon, ["--nonsense"]).exit == .status(64))
      #expect(try ProgramRun(.daemon, ["--config"]).exit == .status(64))
      let help = try ProgramRun(.daemon, ["--help"])
      #expect(!help.output.contains("kill-points"), "what is for tests is no help")
      #expect(help.exit == .status(0) && help.output.contains("--check-config"))
    }
  }
}

// No more is promised to evicted data than the memory that there is, so that the kernel never ends
// the daemon for it.

import CoherentControl
import CoherentSystem
import Testing

extension IntegrationTests {
  @Suite struct HostMemoryBound {
    @Test func aLimitThatTheHostCannotHaveIsRefusedAtAStartAndAtAReload() throws {
      let directory = try Directory.createTemporary(prefix: "coherentd-test-")
      defer { try? Directory.removeEmpty(path: directory) }
      let path = "\(directory)/conf"
      let settings = DaemonSettings(["Host.Limit": "200T"], directory: directory)
      try SmallFile.write(path: path, Array(settings.text.utf8))
      for arguments in [["--config", path], ["--config", path, "--check-config"]] {
        let run = try ProgramRun(.daemon, arguments)
        #expect(run.exit == .status(78))
        #expect(run.complaint.contains("[Host] Limit=200T: expected at most "))
        #expect(run.complaint.contains("which is all the memory of "))
      }
      try SmallFile.remove(path: path)
      #expect(try Directory.names(path: directory) == [])
      try TestDaemon.with { daemon in
        let wrong = DaemonSettings(["Host.Limit": "200T"], directory: daemon.directory)
        try SmallFile.write(path: "\(daemon.directory)/conf", Array(wrong.text.utf8))
        let run = try ProgramRun(.control, ["reload", "--socket", daemon.controlPath])
        #expect(run.exit == .status(1))
        #expect(run.complaint.contains("Limit=200T: expected at most "))
        #expect(try daemon.status().hostLimitBytes == 256 << 20)
      }
    }

    @Test(.enabled(if: MemoryGroup.obstacle == nil, "needs a control group that limits memory"))
    func shortOfItsGroupsMemoryTheDaemonStopsPromisingAndLives() throws {
      let limit: UInt64 = 40 << 20
      let group = try MemoryGroup(limitBytes: limit)
      // The device has its memory from before it was in the group: a small one, which fits into
      // what is spared.
      try TestDaemon.with(["Region.Blocks": "1", "Limits.UserShare": "100"]) { daemon in
        try group.add(daemon.process)
        defer { try? group.release(daemon.process) }
        let client = try daemon.client()
        var buffers: [Int] = []
        var refusal: ClientRefusal?
        // Its memory is looked at while anything happens: within a second.
        try daemon.eventually("an allocation is refused") {
          let buffer = try client.allocate(64 << 10)
          try client.done("free \(buffer)")
          return daemon.log.contents.contains("control group \(group.name) has ")
        }
        while buffers.count < 64, refusal == nil {
          switch try client.ask("allocate \(1 << 20) 128 20000") {
          case .refused(let refused): refusal = refused
          case .done(let words):
            let buffer = try #require(Int(words.first ?? ""))
            try client.done("fill \(buffer) \(buffer & 0x7f)")
            buffers.append(buffer)
          case .otherwise(let text): throw TestFailure(text)
          }
        }
        #expect(refusal?.reason == "outOfHostMemory" && refusal?.detail == "groupMemoryShort")
        let promised = UInt64(buffers.count) << 20
        #expect(promised >= 8 << 20 && promised < limit, "\(buffers.count)")
        try daemon.evictAll()
        #expect(try daemon.status().storedBytes == promised)
        for buffer in buffers { try client.done("verify \(buffer) \(buffer & 0x7f)") }
        for buffer in buffers { try client.done("free \(buffer)") }
        try group.release(daemon.process)
      }
    }
  }
}

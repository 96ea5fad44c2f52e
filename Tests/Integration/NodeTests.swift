// A device that is bound to a NUMA node. This machine's node 0 is every machine's; that memory
// really goes to another node is shown by the machine tests.

import CoherentSystem
import Testing

extension IntegrationTests {
  @Suite struct Node {
    @Test func aBoundDeviceEvictsAndRestoresAsAnyOther() throws {
      try TestDaemon.with(["Region.Node": "0"]) { daemon in
        let client = try daemon.client()
        let buffers = try (0..<6).map { _ in try client.allocate(3 << 20) }
        for (number, buffer) in buffers.enumerated() { try client.done("fill \(buffer) \(number)") }
        for (number, buffer) in buffers.enumerated() {
          try client.done("verify \(buffer) \(number)")
        }
        #expect(try daemon.status().evictedFrames > 0)
        try daemon.eventually("it is carved") {
          let status = try daemon.status()
          let files = try MemoryFiles(process: daemon.process)
          return status.evictingBytes == 0 && status.restoringBytes == 0
            && files.region?.committedBytes == status.capacityBytes - status.deviceBytes
        }
      }
    }

    @Test func aNodeThatIsNotThereIsToldAndStartsNothing() throws {
      let complaint = try refusal(["Region.Node": "1000"])
      #expect(complaint.contains("node 1000 does not exist; this machine has node"))
    }

    @Test func hugePagesAreThereOrTheDaemonSaysHowToGetThem() throws {
      let settings = [
        "Region.HugePages": "2M", "Region.FrameSize": "2M", "Pressure.EvictionRun": "2M",
        "Pressure.Min": "0", "Pressure.Low": "0", "Pressure.High": "0",
      ]
      guard try HugeMemory.isGiven(pageBytes: 2 << 20) else {
        let complaint = try refusal(settings)
        #expect(complaint.contains("/sys/kernel/mm/transparent_hugepage/shmem_enabled"))
        return
      }
      try TestDaemon.with(settings) { daemon in
        let client = try daemon.client()
        let buffers = try (0..<3).map { _ in try client.allocate(4 << 20) }
        for (number, buffer) in buffers.enumerated() { try client.done("fill \(buffer) \(number)") }
        for (number, buffer) in buffers.enumerated() {
          try client.done("verify \(buffer) \(number)")
        }
        #expect(try daemon.status().evictedFrames > 0)
      }
    }

    /// What a daemon says that does not start.
    private func refusal(_ overrides: [String: String]) throws -> String {
      let directory = try Directory.createTemporary(prefix: "coherentd-test-")
      defer { try? Directory.removeEmpty(path: directory) }
      let path = "\(directory)/conf"
      try SmallFile.write(
        path: path, Array(DaemonSettings(overrides, directory: directory).text.utf8))
      let run = try ProgramRun(.daemon, ["--config", path])
      try SmallFile.remove(path: path)
      #expect(run.exit != .status(0))
      #expect(try Directory.names(path: directory) == [], "no socket was made")
      return run.complaint
    }
  }
}

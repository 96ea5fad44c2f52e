// Children that a client makes by fork: they have no arena, and are told so by a signal, never by
// zeros; they keep nothing of their parent's alive.

import CoherentControl
import CoherentSystem
import Glibc
import Testing

extension IntegrationTests {
  @Suite struct Forks {
    @Test func aChildThatTouchesTheArenaDiesAndItsParentGoesOn() throws {
      try TestDaemon.with { daemon in
        let client = try daemon.client()
        let resident = try client.allocate(64 << 10)
        let evicted = try client.allocate(64 << 10)
        let untouched = try client.allocate(64 << 10)
        try client.done("fill \(resident) 1")
        try client.done("fill \(evicted) 2")
        try daemon.evictAll(session: try daemon.session(of: client.process))
        try client.done("verify \(resident) 1")
        for buffer in [resident, evicted, untouched] {
          #expect(try client.done("touch-in-child \(buffer)") == ["signal", "\(SIGSEGV)"])
        }
        #expect(try client.number("use-in-child") == 1, "the library says so, too")
        try client.done("verify \(resident) 1")
        try client.done("verify \(evicted) 2")
        try client.done("verify-zero \(untouched)")
        #expect(try daemon.sessions().count == 1)
      }
    }

    @Test func aChildWithAllDescriptorsDoesNotKeepItsParentsSessionAlive() throws {
      try TestDaemon.with { daemon in
        let bystander = try Bystander(daemon)
        let client = try daemon.client()
        try client.allocate(2 << 20)
        try client.done("fill 0 1")
        try client.done("pin 0 0 4096 10000 1000")
        let child = Int32(try client.number("leave-child"))
        defer { kill(child, SIGKILL) }
        #expect(SmallFile.exists(path: "/proc/\(child)"))
        try client.kill(SIGKILL)
        #expect(try client.exit() == .signal(SIGKILL))
        try daemon.eventually(status: "the session has ended") {
          $0.sessions == 1 && $0.pins == 0 && $0.allocations == 8
        }
        #expect(SmallFile.exists(path: "/proc/\(child)"), "the child lives")
        try bystander.expectUnharmed()
      }
    }
  }
}

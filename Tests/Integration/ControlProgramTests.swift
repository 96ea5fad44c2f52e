// Administration as people and scripts meet it: coherentctl, and its interface spoken by hand.

import CoherentControl
import CoherentSystem
import TestSupport
import Testing

extension IntegrationTests {
  @Suite struct ControlProgram {
    private func run(
      _ daemon: TestDaemon, _ arguments: [String], identity: Launch.Identity? = nil
    ) throws -> ProgramRun {
      try ProgramRun(
        .control, arguments + ["--socket", daemon.controlPath], identity: identity)
    }

    private func succeed(_ daemon: TestDaemon, _ arguments: [String]) throws -> String {
      let run = try run(daemon, arguments)
      #expect(run.exit == .status(0), "\(arguments): \(run.complaint)")
      #expect(run.complaint == "")
      return run.output
    }

    @Test func statusHasEveryNumberThatScriptsRelyOn() throws {
      try TestDaemon.with { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(1 << 20)
        try client.done("fill \(buffer) 1")
        let output = try succeed(daemon, ["status", "--json"])
        for key in [
          "capacity_bytes", "online_bytes", "free_bytes", "reserved_bytes", "device_bytes",
          "host_bytes", "stored_bytes", "pinned_bytes", "frame_bytes", "sessions", "allocations",
          "faults", "evicted_frames", "restored_frames", "lost_frames", "committed_bytes",
        ] {
          #expect(output.contains("\"\(key)\": "), "\(key)")
        }
        let status = try JSONCoding.decode(StatusReport.self, from: Array(output.utf8))
        #expect(status.deviceBytes == 1 << 20 && status.sessions == 1 && status.allocations == 1)
        #expect(try succeed(daemon, ["--json"]).contains("\"device_bytes\": 1048576"))
        let text = try succeed(daemon, [])
        #expect(text.contains("coherentd") && text.contains("1.0M") || text.contains("1 MiB"))
        #expect(!text.contains("\u{1B}"), "no colour where nobody looks")
      }
    }

    @Test func colourIsForTerminalsAndNotWithNO_COLOR() throws {
      try TestDaemon.with { daemon in
        for (environment, isColoured) in [
          (["TERM=xterm"], true), (["TERM=xterm", "NO_COLOR=1"], false),
        ] {
          let terminal = try PseudoTerminal()
          let run = try ProgramRun(
            .control, ["status", "--socket", daemon.controlPath], environment: environment,
            standardOutput: terminal.slave.raw)
          #expect(run.exit == .status(0))
          let text = terminal.contents()
          #expect(text.contains("coherentd"))
          #expect(text.contains("\u{1B}[") == isColoured)
        }
      }
    }

    @Test func listsOrdersAndTheirExitStatuses() throws {
      try TestDaemon.with { daemon in
        let client = try daemon.client()
        let buffer = try client.allocate(1 << 20)
        try client.done("fill \(buffer) 2")
        let session = try daemon.session(of: client.process).session.rawValue
        let allocation = try daemon.allocations()[0].allocation.rawValue
        let sessions = try succeed(daemon, ["sessions", "--json"])
        #expect(sessions.contains("\"pid\": \(client.process)"))
        #expect(sessions.contains("\"comm\": \"integration-cli\""))
        #expect(try succeed(daemon, ["sessions"]).contains("\(client.process)"))
        let allocations = try succeed(daemon, ["allocations", "--json", "--session", "\(session)"])
        #expect(allocations.contains("\"size_bytes\": 1048576"))
        let evicted = try succeed(
          daemon, ["evict", "--session", "\(session)", "--bytes", "256K", "--json"])
        #expect(evicted.contains("\"evicted_bytes\": 262144"))
        #expect(try daemon.status().storedBytes == 256 << 10)
        _ = try succeed(daemon, ["evict", "--all"])
        #expect(try client.done("query \(buffer)") == ["stored:\(1 << 20)"])
        let moved = try succeed(
          daemon, ["migrate", "\(session)", "\(allocation)", "device", "--json"])
        #expect(moved.contains("\"moved_frames\": 256"))
        _ = try succeed(daemon, ["migrate", "\(session)", "\(allocation)", "host"])
        #expect(try client.done("query \(buffer)") == ["host:\(1 << 20)"])
        try client.done("verify \(buffer) 2")
        let absent = try run(daemon, ["allocations", "--session", "999"])
        #expect(absent.exit == .status(4) && absent.complaint.contains("no session 999"))
        let noAllocation = try run(daemon, ["migrate", "\(session)", "999", "host"])
        #expect(noAllocation.exit == .status(4))
        #expect(try run(daemon, ["evict"]).exit == .status(64))
        #expect(try run(daemon, ["nonsense"]).exit == .status(64))
      }
      let gone = try ProgramRun(.control, ["status", "--socket", "/tmp/coherentd-test-absent"])
      #expect(gone.exit == .status(3) && gone.complaint.contains("not running"))
    }

    @Test(.enabled(if: KernelRight.otherUser.isThere, "\(KernelRight.otherUser)"))
    func nobodyMayNotAdminister() throws {
      try TestDaemon.with { daemon in
        for verb in [["status"], ["sessions"], ["allocations"], ["evict", "--all"]] {
          let refused = try run(daemon, verb, identity: nobody)
          #expect(refused.exit == .status(1))
          #expect(refused.output == "")
          #expect(refused.complaint.contains("user 65534 may not administer coherentd"))
        }
      }
      try TestDaemon.with(["Sockets.ControlMode": "0600"]) { daemon in
        let refused = try run(daemon, ["status"], identity: nobody)
        #expect(refused.exit == .status(1))
        #expect(refused.complaint.contains("permission denied to open"))
      }
    }

    @Test func anyProgramCanSpeakTheInterface() throws {
      try TestDaemon.with { daemon in
        let control = try RawControl(daemon)
        let info = try control.call(#"{"method":"org.varlink.service.GetInfo"}"#)
        #expect(info.contains("io.coherentd.Control") && info.contains("org.varlink.service"))
        let description = try control.call(
          #"{"method":"org.varlink.service.GetInterfaceDescription","#
            + #""parameters":{"interface":"io.coherentd.Control"}}"#)
        for method in ["GetStatus", "ListSessions", "ListAllocations", "Evict", "Migrate"] {
          #expect(description.contains("method \(method)("), "\(method)")
        }
        let status = try control.call(#"{"method":"io.coherentd.Control.GetStatus"}"#)
        #expect(status.contains(#""capacity_bytes":8388608"#))
        let unknown = try control.call(#"{"method":"io.coherentd.Control.Nonsense"}"#)
        #expect(unknown.contains("org.varlink.service.MethodNotFound"))
        let wrong = try control.call(
          #"{"method":"io.coherentd.Control.Evict","parameters":{"bytes":"much"}}"#)
        #expect(wrong.contains("org.varlink.service.InvalidParameter"))
        let absent = try control.call(
          #"{"method":"io.coherentd.Control.Evict","parameters":{"session":4711}}"#)
        #expect(absent.contains("io.coherentd.Control.NoSuchSession"))
      }
    }
  }
}

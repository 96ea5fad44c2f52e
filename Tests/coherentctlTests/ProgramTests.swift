// The built program against a real server, each run a process of its own.
import CoherentControl
import CoherentSystem
import CoherentWire
import TestSupport
import Testing

@Suite struct ProgramTests {
  @Test func printsTheStatusWithAndWithoutItsName() throws {
    let daemon = try SampleDaemon()
    let named = try ProgramRun(["status", "--socket", daemon.path])
    let unnamed = try ProgramRun(["--socket", daemon.path])
    let byEnvironment = try ProgramRun([], environment: ["COHERENTD_CONTROL_SOCKET=\(daemon.path)"])
    for outcome in [named, unnamed, byEnvironment] {
      #expect(outcome.status == .status(0))
      #expect(outcome.output.hasPrefix("● coherentd 9.9.9 - running\n"))
      #expect(!outcome.output.contains("\u{1B}"))
      #expect(outcome.complaint == "")
    }
  }

  @Test func printsJSONThatIsTheModel() throws {
    let daemon = try SampleDaemon()
    let status = try ProgramRun(["--json", "--socket", daemon.path])
    #expect(status.output.hasPrefix("{\n  \"allocations\": 1000,\n  \"block_bytes\": 0,\n"))
    #expect(
      try JSONCoding.decode(StatusReport.self, from: Array(status.output.utf8))
        == daemon.source.status())
    let sessions = try ProgramRun(["sessions", "--json", "--socket", daemon.path])
    #expect(
      try JSONCoding.decode([SessionReport].self, from: Array(sessions.output.utf8))
        == daemon.source.all)
    let allocations = try ProgramRun(["allocations", "-j", "--socket", daemon.path])
    #expect(
      try JSONCoding.decode([AllocationReport].self, from: Array(allocations.output.utf8)).count
        == 1000)
    let eviction = try ProgramRun(["evict", "--bytes", "1M", "--json", "--socket", daemon.path])
    #expect(
      eviction.output == """
        {
          "evicted_bytes": 1048576,
          "evicted_frames": 16,
          "holders": [],
          "skipped_pinned_frames": 0
        }

        """)
  }

  @Test func listsTheAllocationsOfOneSession() throws {
    let daemon = try SampleDaemon()
    let path = daemon.path
    let outcome = try ProgramRun(["allocations", "--session", "1", "--no-legend", "--socket", path])
    #expect(outcome.output.split(separator: "\n").count == 500)
  }

  @Test func reloadsAndSaysWhatChangedWhatWaitsAndWhatIsWrong() throws {
    let daemon = try SampleDaemon(allocations: 0)
    let good = try ProgramRun(["reload", "--socket", daemon.path])
    #expect(good.status == .status(0))
    #expect(
      good.output == """
        Configuration reloaded.
        [Limits] Sessions: 1 is 2 now
        [Region] Blocks stays at 8 until restart

        """)
    let other = try SampleDaemon(allocations: 1)
    let bad = try ProgramRun(["reload", "--socket", other.path])
    #expect(bad.status == .status(1) && bad.output == "")
    #expect(bad.complaint.contains("refused: a.conf:1: wrong (configurationRefused)"))
  }

  @Test func listsThePinsOfASessionOrAProcess() throws {
    let daemon = try SampleDaemon()
    let path = daemon.path
    let pins = try ProgramRun(["pins", "--json", "--process", "4711", "--socket", path])
    #expect(
      try JSONCoding.decode([PinReport].self, from: Array(pins.output.utf8)) == [daemon.source.pin])
    #expect(try ProgramRun(["pins", "--socket", path]).output.contains("process 4711 (sample)"))
    #expect(try ProgramRun(["pins", "--session", "0", "--socket", path]).output == "No pins.\n")
    let absent = try ProgramRun(["pins", "--process", "99", "--socket", path])
    #expect(absent.complaint.contains("there is no session of process 99"))
  }

  @Test func givesOrdersAndSaysWhatTheyDid() throws {
    let daemon = try SampleDaemon()
    let evicted = try ProgramRun(["evict", "--all", "--socket", daemon.path])
    #expect(
      evicted.output == "Evicted 0 frames (0 B): no data that may leave the device was on it.\n")
    let moved = try ProgramRun(["migrate", "1", "2", "device", "--socket", daemon.path])
    #expect(moved.output == "Moved 1 frame to the device.\n")
  }

  @Test func theExitStatusTellsWhatWentWrong() throws {
    let daemon = try SampleDaemon()
    let path = daemon.path
    let cases: [([String], Int32)] = [
      (["status", "--socket", path + "-absent"], 3),
      (["allocations", "--session", "77", "--socket", path], 4),
      (["pins", "--process", "99", "--socket", path], 4),
      (["pins", "--process", "0", "--socket", path], 64),
      (["migrate", "1", "404", "host", "--socket", path], 4),
      (["migrate", "1", "405", "host", "--socket", path], 1),
      (["evict", "--socket", path], 64),
      (["evict", "--all", "--bytes", "1", "--socket", path], 64),
      (["evict", "--bytes", "1X", "--socket", path], 64),
      (["evict", "--bytes", "0", "--socket", path], 64),
      (["evict", "--bytes", "16777215T", "--socket", path], 64),
      (["evict", "--session", "", "--socket", path], 64),
      (["evict", "--allocation", "", "--socket", path], 64),
      (["evict", "--all", "--timeout", "1h", "--socket", path], 64),
      (["migrate", "1", "2", "moon", "--socket", path], 64),
      (["migrate", "1", "-2", "host", "--socket", path], 64),
      (["nonsense", "--socket", path], 64), (["--nonsense"], 64),
    ]
    for (arguments, status) in cases {
      let outcome = try ProgramRun(arguments)
      #expect(outcome.status == .status(status), "\(arguments)")
      #expect(outcome.output == "" && outcome.complaint != "")
    }
  }

  @Test func helpVersionAndCompletionNeedNoDaemon() throws {
    for command in [
      [], ["status"], ["sessions"], ["allocations"], ["pins"], ["evict"], ["migrate"], ["block"],
      ["block", "offline"], ["top"], ["map"], ["pressure"], ["events"], ["why"], ["metrics"],
    ] {
      let outcome = try ProgramRun(command + ["--help"])
      #expect(outcome.status == .status(0))
      #expect(outcome.output.contains("EXAMPLES"))
    }
    #expect(try ProgramRun(["--version"]).output == "coherentctl \(ProductVersion.text)\n")
    for shell in ["bash", "zsh", "fish"] {
      let outcome = try ProgramRun(["--generate-completion-script", shell])
      #expect(outcome.status == .status(0) && outcome.output.contains("migrate"))
      for command in ["pins", "offline", "metrics"] { #expect(outcome.output.contains(command)) }
    }
  }

  @Test func aReaderThatLeavesEndsItWithoutAWord() throws {
    let daemon = try SampleDaemon(allocations: 20_000)
    let complaint = try Pipe()
    var launch = Launch(
      path: try ProgramRun.path(), arguments: ["allocations", "--socket", daemon.path])
    let closed = try LocalSocket.pair(kind: .stream)
    closed.first.shutdown()
    launch.standardOutput = closed.second.raw
    launch.standardError = complaint.writeEnd.raw
    let child = try Process.spawn(launch)
    let complained = try complaint.keepingReadEnd().readToEnd(maximumBytes: 1 << 20)
    #expect(complained.isEmpty)
    #expect(try child.wait() != .status(0))
  }

  @Test func anInterruptEndsAnOrderThatWaits() throws {
    let daemon = try SampleDaemon(holdsOrders: true)
    let complaint = try Pipe()
    var launch = Launch(
      path: try ProgramRun.path(), arguments: ["evict", "--all", "--socket", daemon.path])
    launch.standardError = complaint.writeEnd.raw
    let child = try Process.spawn(launch)
    #expect(daemon.source.waitForOrder())
    try child.kill(signal: 2)
    let complained = try complaint.keepingReadEnd().readToEnd(maximumBytes: 1 << 20)
    #expect(complained.isEmpty)
    #expect(try child.wait() == .signal(2))
  }

  @Test(.enabled(if: KernelRight.otherUser.isThere, "\(KernelRight.otherUser)"))
  func anotherUserIsToldWhoMay() throws {
    let nobody = Launch.Identity(user: 65534, group: 65534)
    let open = try SampleDaemon(mode: 0o666)
    let refused = try ProgramRun(["sessions", "--socket", open.path], identity: nobody)
    #expect(refused.status == .status(1))
    #expect(
      refused.complaint == """
        coherentctl: user 65534 may not administer coherentd
        Hint: root and the members of group sample may

        """)
    let shut = try SampleDaemon(mode: 0o600)
    let denied = try ProgramRun(["sessions", "--socket", shut.path], identity: nobody)
    #expect(denied.status == .status(1))
    #expect(
      denied.complaint == """
        coherentctl: permission denied to open \(shut.path)
        Hint: root and the members of group root may

        """)
  }
}

// `pressure`, `events` and `why` against a daemon: what is printed, and how following ends.

import CoherentControl
import CoherentSystem
import Glibc
import Testing

@Suite struct SeeingProgramTests {
  @Test func thePressureIsInTheKernelsFormat() throws {
    let daemon = try SampleDaemon()
    let run = try ProgramRun(["pressure", "--socket", daemon.path])
    #expect(
      run.output == """
        some avg10=12.30 avg60=0.00 avg300=0.00 total=1500000
        full avg10=0.00 avg60=0.00 avg300=0.00 total=0

        """)
    let json = try ProgramRun(["pressure", "--json", "--socket", daemon.path])
    #expect(
      try JSONCoding.decode(PressureReport.self, from: Array(json.output.utf8))
        == daemon.source.pressure())
  }

  @Test func anAllocationIsExplained() throws {
    let daemon = try SampleDaemon()
    let run = try ProgramRun(
      ["why", "5", "--session", "1", "--limit", "2", "--socket", daemon.path],
      environment: ["TZ=UTC"])
    #expect(
      run.output == """
        Allocation 5 of session 1, process 4711: 64 MiB at 0 B, priority 128
          Where: 48 MiB on the device, 16 MiB stored in host memory, 1 MiB of it pinned
            Why: 1 MiB device: a pin holds it (pinned)
                 16 MiB stored: it was not used lately (evicted)
         Lately: (30 more before that: --limit)
                 Nov 14 22:13:20.000  64 KiB evicted: an administrator ordered it
                 Nov 14 22:13:20.000  64 KiB evicted: an administrator ordered it

        """)
    #expect(try ProgramRun(["why", "4040", "--socket", daemon.path]).status == .status(4))
    let usual = try ProgramRun(["why", "5", "--socket", daemon.path])
    #expect(usual.output.contains("(22 more before that: --limit)"))
    let all = try ProgramRun(["why", "5", "--limit", "99", "--socket", daemon.path])
    #expect(all.output.contains("(what was before ") && !all.output.contains("--limit"))
    #expect(try ProgramRun(["why", "5", "--limit", "-1"]).status == .status(64))
    #expect(try ProgramRun(["why", "x", "--socket", daemon.path]).status == .status(64))
  }

  @Test func whatIsRememberedIsListed() throws {
    let daemon = try SampleDaemon()
    #expect(try ProgramRun(["events", "--socket", daemon.path]).output == "No events yet.\n")
    daemon.makeEvents(70)
    let run = try ProgramRun(["events", "--socket", daemon.path], environment: ["TZ=UTC"])
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 70)
    #expect(lines[0].hasPrefix("Nov 14 22:13:20.000  evicted    64 KiB of allocation 5"))
    let json = try ProgramRun(["events", "--json", "--socket", daemon.path])
    #expect(
      try JSONCoding.decode([EventReport].self, from: Array(json.output.utf8)).map(\.number)
        == Array(1...70))
    #expect(try ProgramRun(["events", "--new", "--socket", daemon.path]).status == .status(64))
  }

  @Test func whatIsListedCanBeNarrowed() throws {
    let daemon = try SampleDaemon()
    daemon.makeEvents(10)
    func list(_ options: String...) throws -> ProgramRun {
      try ProgramRun(["events", "--socket", daemon.path] + options, environment: ["TZ=UTC"])
    }
    func lines(_ options: String...) throws -> Int {
      try ProgramRun(["events", "--socket", daemon.path] + options, environment: ["TZ=UTC"])
        .output.split(separator: "\n").count
    }
    #expect(try lines("--kind", "evicted", "--kind", "refused") == 10)
    #expect(try lines("--session", "1") == 10)
    #expect(try lines("--since", "@1700000000", "--until", "2023-11-14 22:13:20") == 10)
    for options in [
      ["--kind", "refused"], ["--session", "2"], ["--since", "10min"],
      ["--until", "2023-11-14 22:13"],
    ] {
      let run = try ProgramRun(
        ["events", "--socket", daemon.path] + options, environment: ["TZ=UTC"])
      #expect(run.output == "No such events.\n" && run.status == .status(0), "\(options)")
    }
    let unknown = try list("--kind", "refusd")
    #expect(unknown.status == .status(64) && unknown.complaint.contains("refused"))
    #expect(try list("--since", "yesterday").status == .status(64))
    #expect(try list("--since", "1h", "--until", "2h").status == .status(64))
    #expect(try list("--follow", "--until", "1h").status == .status(64))
  }

  /// The program following a daemon, and what it writes.
  private struct Follower: ~Copyable {
    private let output: Descriptor
    private let child: ChildProcess
    private var pending = ""

    init(_ daemon: SampleDaemon, _ options: [String] = []) throws {
      let pipe = try Pipe()
      var launch = Launch(
        path: try ProgramRun.path(),
        arguments: ["events", "--follow", "--socket", daemon.path] + options)
      launch.standardOutput = pipe.writeEnd.raw
      child = try Process.spawn(launch)
      output = pipe.keepingReadEnd()
    }

    /// So many more lines.
    mutating func lines(_ count: Int) throws -> [Substring] {
      while pending.filter({ $0 == "\n" }).count < count {
        guard Readiness.waitReadable(output.raw, timeoutMilliseconds: 20_000) else { break }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let read = Glibc.read(output.raw, &bytes, bytes.count)
        if read <= 0 { break }
        pending += String(decoding: bytes[..<read], as: UTF8.self)
      }
      let lines = pending.split(separator: "\n")
      pending = ""
      return lines
    }

    consuming func end(signal: Int32) throws -> ChildProcess.Exit {
      try child.kill(signal: signal)
      return try child.wait()
    }

    /// Ends reading; how the program ends then.
    consuming func leave() throws -> ChildProcess.Exit {
      let child = self.child
      _ = consume output
      return try child.wait()
    }
  }

  @Test func followingShowsWhatHappensAndEndsByASignal() throws {
    let daemon = try SampleDaemon()
    daemon.makeEvents(1)
    for (signal, status) in [(2, 130), (15, 143)] as [(Int32, Int32)] {
      var follower = try Follower(daemon, ["--json"])
      let before = daemon.source.eventCount.load(ordering: .relaxed)
      #expect(try follower.lines(Int(before)).count == Int(before))
      daemon.makeEvents(2)
      let lines = try follower.lines(2)
      #expect(lines.map { $0.contains(#""kind":"evicted""#) } == [true, true])
      #expect(try follower.end(signal: signal) == .status(status))
    }
  }

  @Test func aReaderThatLeavesEndsAFollowerThatWaits() throws {
    let daemon = try SampleDaemon()
    daemon.makeEvents(1)
    var follower = try Follower(daemon)
    #expect(try follower.lines(1).count == 1)
    #expect(try follower.leave() == .status(1))
  }

  @Test func aDaemonThatEndsForGoodEndsItsFollowers() throws {
    let daemon = try SampleDaemon()
    daemon.makeEvents(1)
    var follower = try Follower(daemon, ["--retry", "0"])
    #expect(try follower.lines(1).count == 1)
    daemon.stop()
    #expect(try follower.lines(1) == [])
    #expect(try follower.end(signal: 0) == .status(1))
  }

  @Test(arguments: [false, true])
  func aDaemonThatComesBackIsFollowedOn(_ isAnother: Bool) throws {
    let daemon = try SampleDaemon()
    daemon.makeEvents(3)
    var follower = try Follower(daemon, ["--json"])
    #expect(try follower.lines(3).count == 3)
    daemon.stop()
    if isAnother { daemon.source.process.store(4712, ordering: .relaxed) }
    try daemon.startAgain()
    // Of the same daemon nothing is said twice; another one's events are all new.
    let lines = try follower.lines(isAnother ? 4 : 1)
    #expect(lines.first == (isAnother ? #"{"reconnected":4712}"# : #"{"reconnected":0}"#))
    #expect(lines.count == (isAnother ? 4 : 1))
    daemon.makeEvents(1)
    #expect(try follower.lines(1).map { $0.contains(#""number":4"#) } == [true])
    #expect(try follower.end(signal: 2) == .status(130))
  }

  @Test func aSignalEndsTheWaitForADaemon() throws {
    let daemon = try SampleDaemon()
    daemon.makeEvents(1)
    var follower = try Follower(daemon)
    #expect(try follower.lines(1).count == 1)
    daemon.stop()
    #expect(try follower.end(signal: 2) == .status(130))
  }

  @Test func whatASlowReaderMissesIsSaid() throws {
    let daemon = try SampleDaemon()
    daemon.makeEvents(1)
    var follower = try Follower(daemon, ["--json"])
    #expect(try follower.lines(1).count == 1)
    // The sample remembers a hundred: the rest is forgotten before anybody can look.
    daemon.makeEvents(250)
    let lines = try follower.lines(101)
    #expect(lines.first == #"{"dropped":150}"#)
    #expect(lines.count == 101)
    #expect(try follower.end(signal: 15) == .status(143))
  }
}

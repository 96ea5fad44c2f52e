// `coherentctl block` against a daemon: each command, each way to name blocks, each way for going
// offline to end. Whatever ends it, what was set going is offline or online, never in between.

import CoherentControl
import CoherentSystem
import Testing

@Suite struct BlockProgramTests {
  private func states(_ daemon: SampleDaemon) -> [BlockState] {
    daemon.source.blockTable.withLock { $0.blocks.map(\.state) }
  }

  @Test func listsBlocksAsATableAndAsJSON() throws {
    let daemon = try SampleDaemon()
    for arguments in [["block", "list"], ["block"]] {
      let run = try ProgramRun(arguments + ["--socket", daemon.path])
      #expect(run.status == .status(0))
      #expect(
        run.output == """
          BLOCK  STATE   NODE   SIZE   FREE  RESERVED  DEVICE  PINNED
              0  online     -  64MiB  16MiB        0B   48MiB      0B
              1  online     -  64MiB  16MiB        0B   48MiB      0B
              2  online     -  64MiB  16MiB        0B   48MiB      0B
              3  online     -  64MiB  16MiB        0B   48MiB      0B

          4 blocks listed, 4 online (256 MiB).

          """)
    }
    let json = try ProgramRun(["--json", "--socket", daemon.path, "block", "list"])
    #expect(
      try JSONCoding.decode([BlockReport].self, from: Array(json.output.utf8))
        == daemon.source.blockTable.withLock { $0.blocks })
  }

  @Test func pagesOnAnotherNodeAreShownAndAFailure() throws {
    let daemon = try SampleDaemon()
    daemon.source.blockTable.withLock { $0.misplace(1, pages: 3) }
    let run = try ProgramRun(["block", "list", "--socket", daemon.path])
    #expect(run.status == .status(1))
    #expect(run.output.contains("3 of 1024 pages lie on another node"))
    #expect(run.complaint.contains("3 pages of block 1 are not on node 0"))
  }

  @Test(arguments: [
    (["0", "2-3"], [0, 2, 3], "blocks 0, 2-3"), (["all"], [0, 1, 2, 3], "blocks 0-3"),
    (["3", "1", "1-1"], [1, 3], "blocks 1, 3"), (["2"], [2], "block 2"),
  ])
  func takesBlocksOfflineAndOnlineAgainAndIsDoneTheSecondTime(
    _ names: [String], _ numbers: [Int], _ text: String
  ) throws {
    let daemon = try SampleDaemon()
    let socket = ["--socket", daemon.path]
    let count = numbers.count
    let offline = try ProgramRun(["block", "offline"] + names + socket)
    #expect(offline.status == .status(0))
    #expect(offline.output == "\(count) changed (\(text)), 0 already so.\n")
    // Nothing is a terminal here, so no progress is shown.
    #expect(offline.complaint == "")
    #expect(
      states(daemon) == (0..<4).map { numbers.contains($0) ? .offline : .online })
    let again = try ProgramRun(["block", "offline"] + names + socket)
    #expect(again.output == "0 changed, \(count) already so.\n")
    let online = try ProgramRun(["block", "online"] + names + socket)
    #expect(online.output == "\(count) changed (\(text)), 0 already so.\n")
    #expect(states(daemon).allSatisfy { $0 == .online })
    #expect(
      try ProgramRun(["block", "online"] + names + socket).output
        == "0 changed, \(count) already so.\n")
  }

  @Test func addsAndRemoves() throws {
    let daemon = try SampleDaemon()
    let socket = ["--socket", daemon.path]
    #expect(
      try ProgramRun(["block", "add", "3-5"] + socket).output
        == "2 changed (blocks 4-5), 1 already so.\n")
    #expect(
      try ProgramRun(["block", "add", "--count", "2", "--online"] + socket).output
        == "2 changed (blocks 6-7), 0 already so.\n")
    #expect(states(daemon).filter { $0 == .online }.count == 6)
    let refused = try ProgramRun(["block", "remove", "6"] + socket)
    #expect(refused.status == .status(1))
    #expect(
      refused.complaint == "coherentctl: block 6 is online, and must be offline first\n")
    #expect(
      try ProgramRun(["block", "remove", "4-5"] + socket).output
        == "2 changed (blocks 4-5), 0 already so.\n")
    let absent = try ProgramRun(["block", "remove", "4", "99"] + socket)
    #expect(absent.status == .status(0))
    #expect(absent.output == "0 changed, 2 already so: blocks 4, 99 are not there.\n")
    let json = try ProgramRun(["block", "online", "0", "--json"] + socket)
    let change = try JSONCoding.decode(BlockChangeReport.self, from: Array(json.output.utf8))
    #expect(change == BlockChangeReport(already: [0]))
  }

  @Test func whatIsAddedAlreadyAndGoesOnlineHasChanged() throws {
    let daemon = try SampleDaemon()
    let socket = ["--socket", daemon.path]
    _ = try ProgramRun(["block", "add", "5-6"] + socket)
    #expect(
      try ProgramRun(["block", "add", "5-7", "--online"] + socket).output
        == "3 changed (blocks 5-7), 0 already so.\n")
    #expect(
      try ProgramRun(["block", "add", "5-7", "--online"] + socket).output
        == "0 changed, 3 already so.\n")
  }

  @Test func whatCannotGoOnlineIsNotAddedEither() throws {
    let daemon = try SampleDaemon()
    daemon.source.blockTable.withLock { $0.hasRoom = false }
    let run = try ProgramRun(["block", "add", "7", "--online", "--socket", daemon.path])
    #expect(run.status == .status(1))
    #expect(run.complaint.contains("64 MiB are missing (outOfHostMemory)"))
    #expect(states(daemon).count == 4)
  }

  @Test func theExitStatusTellsWhatWentWrong() throws {
    let daemon = try SampleDaemon()
    let socket = ["--socket", daemon.path]
    let cases: [([String], Int32)] = [
      (["online", "9"], 4), (["offline", "0", "9"], 4), (["online", "4,5"], 64),
      (["add", "8", "--node", "7"], 1), (["online"], 64), (["online", "x"], 64),
      (["online", "5-2"], 64), (["online", "-1"], 64), (["online", "65536"], 64),
      (["add", "--node", "x"], 64), (["add", "all"], 64), (["add", "1", "--count", "2"], 64),
      (["add", "--count", "0"], 64), (["offline", "1", "--timeout", "11min"], 64),
    ]
    for (arguments, status) in cases {
      let run = try ProgramRun(["block"] + arguments + socket)
      #expect(run.status == .status(status), "\(arguments)")
      #expect(run.output == "" && run.complaint != "")
    }
    #expect(states(daemon) == Array(repeating: .online, count: 4))
  }

  @Test func aPlanSaysWhatWouldMoveAndWhoIsInTheWay() throws {
    let daemon = try SampleDaemon()
    let socket = ["--socket", daemon.path]
    let plan = try ProgramRun(["block", "offline", "0", "--dry-run", "--timeout", "5s"] + socket)
    #expect(plan.status == .status(0))
    #expect(
      plan.output == """
        Block 0 is online:
          16 MiB free, 32 MiB would move to other blocks, 16 MiB to host memory
          1 MiB of it may have to wait for pins, by process 4711 (session 1, 16 frames)
          the pins end within 2s; offline within 5s, or online again

        """)
    let refused = try ProgramRun(["block", "offline", "all", "-n"] + socket)
    #expect(refused.status == .status(1))
    #expect(
      refused.output
        == "Would be refused (block 3):\n  64 MiB of block 3 are promised to session 1\n")
    #expect(states(daemon) == Array(repeating: .online, count: 4))
  }

  @Test(arguments: [
    ("4,5", "blocks are separated by spaces: 4 5"),
    ("5-4", "a range begins with its lower end: 4-5"),
    ("70000", "no block has a number above 65535"),
    ("x", "expected a number, a range (2-5) or all"),
    ("1-", "expected a number, a range (2-5) or all"),
    ("-1", "There is no block -1: expected a number, 2-5 or all."),
  ])
  func whatIsNoBlockIsToldWhatWasExpected(_ argument: String, _ text: String) throws {
    for command in ["add", "online", "offline", "remove"] {
      let run = try ProgramRun(["block", command, argument])
      #expect(run.status == .status(64) && run.complaint.contains(text), "\(run.complaint)")
    }
  }

  @Test func aBlockThatStaysOnlineIsAFailureThatNamesWhoPinsIt() throws {
    let daemon = try SampleDaemon()
    daemon.source.blockTable.withLock { $0.course = .timesOut }
    let run = try ProgramRun(["block", "offline", "0", "1", "--socket", daemon.path])
    #expect(run.status == .status(1))
    #expect(run.output == "0 changed, 0 already so.\n")
    #expect(
      run.complaint == """
        coherentctl: blocks 0-1 are online again: its time was over, pinned by process 4711 \
        (session 1, 16 frames)
        Hint: `coherentctl pins` tells until when; --timeout gives it more time

        """)
    let json = try ProgramRun(["block", "offline", "2", "--json", "--socket", daemon.path])
    #expect(json.output.contains(#""last_failure": "timed-out""#))
    #expect(json.output.contains(#""state": "online""#) && !json.output.contains("left_bytes"))
  }

  @Test func ofSomeThatAreLateTheOthersAreSaidToBeOffline() throws {
    let daemon = try SampleDaemon()
    daemon.source.blockTable.withLock { $0.lasting = [1] }
    let running = try RunningProgram(["block", "offline", "0-2", "--socket", daemon.path])
    #expect(eventually { states(daemon)[2] == .offline })
    daemon.source.blockTable.withLock {
      $0.course = .timesOut
      $0.lasting = []
    }
    let run = try running.end()
    #expect(run.status == .status(1) && run.output == "2 changed (blocks 0, 2), 0 already so.\n")
    #expect(run.complaint.contains("block 1 is online again: its time was over"))
    #expect(run.complaint.contains("; blocks 0, 2 are offline\n"))
  }

  @Test func whatIsGoingAlreadyKeepsItsTimeAndThatIsSaid() throws {
    let daemon = try SampleDaemon()
    daemon.source.blockTable.withLock { $0.course = .lasts }
    let socket = ["--socket", daemon.path]
    let first = try ProgramRun(["block", "offline", "0", "--no-wait"] + socket)
    #expect(first.status == .status(0))
    #expect(first.output == "1 going offline (block 0), 0 already so.\n" && first.complaint == "")
    let second = try ProgramRun(["block", "offline", "0", "--no-wait"] + socket)
    #expect(second.output == "0 going offline, 1 already so.\n")
    #expect(
      second.complaint.contains("Block 0 is going offline already, and gives up in 1min if"))
    daemon.source.blockTable.withLock { $0.course = .timesOut }
    let third = try ProgramRun(["block", "offline", "0", "--timeout", "5min"] + socket)
    #expect(third.status == .status(1) && third.complaint.contains("does not change that."))
    #expect(third.complaint.contains("the time of an earlier order was over"))
    #expect(!third.complaint.contains("--timeout gives it more time"))
  }

  @Test func whatSomebodyElsePutsOnlineIsNotLate() throws {
    let daemon = try SampleDaemon()
    daemon.source.blockTable.withLock { $0.course = .lasts }
    let running = try RunningProgram(["block", "offline", "0", "--socket", daemon.path])
    #expect(eventually { states(daemon)[0] == .goingOffline })
    _ = try ProgramRun(["block", "online", "0", "--socket", daemon.path])
    let run = try running.end()
    #expect(run.status == .status(1))
    #expect(
      run.complaint == "coherentctl: block 0 is online again: somebody ordered that meanwhile\n")
  }

  @Test func aDaemonThatIsLostForGoodMayStillBeAtIt() throws {
    let daemon = try SampleDaemon()
    daemon.source.blockTable.withLock { $0.course = .lasts }
    let running = try RunningProgram([
      "block", "offline", "0-1", "--timeout", "300ms", "--socket", daemon.path,
    ])
    #expect(eventually { states(daemon)[1] == .goingOffline })
    daemon.stop()
    let run = try running.end()
    // Lost before the order was answered, or while it was waited for.
    #expect(run.status == .status(1) || run.status == .status(3))
    #expect(run.complaint.contains("; blocks 0-1 may still be going offline\n"))
  }

  @Test func aRestartedDaemonIsAskedAgainHowFarItIs() throws {
    let daemon = try SampleDaemon()
    daemon.source.blockTable.withLock { $0.course = .lasts }
    let output = try Pipe()
    var launch = Launch(
      path: try ProgramRun.path(), arguments: ["block", "offline", "0", "--socket", daemon.path])
    launch.standardOutput = output.writeEnd.raw
    let child = try Process.spawn(launch)
    #expect(eventually { states(daemon)[0] == .goingOffline })
    // The next one listens before the old one has ended its connections.
    try daemon.replace()
    daemon.source.blockTable.withLock { $0.course = .succeeds }
    let said = try output.keepingReadEnd().readToEnd(maximumBytes: 1 << 20)
    #expect(String(decoding: said, as: UTF8.self) == "1 changed (block 0), 0 already so.\n")
    #expect(try child.wait() == .status(0))
  }

  @Test func theProgressIsOneLineHoweverWideTheTerminalIs() throws {
    let daemon = try SampleDaemon()
    daemon.source.blockTable.withLock { $0.course = .lasts }
    let terminal = try PseudoTerminal(columns: 80, rows: 10)
    let child = try terminal.start(["block", "offline", "0", "--socket", daemon.path])
    let whole = "64 MiB left in block 0, gives up in 1min; process 4711 pins some"
    #expect(terminal.wait { $0.contains(whole) } != nil)
    for columns in [30, 12, 100] {
      terminal.forget()
      try terminal.resize(columns: columns, rows: 10)
      // The second time it is drawn it would be on a line of its own, if the first was too long.
      for _ in 0..<2 {
        let screen = try #require(terminal.wait { $0.contains("64 MiB lef") })
        #expect(screen.text.filter { !$0.isEmpty }.count == 1 && screen.faults == [])
        terminal.forget()
      }
    }
    try child.kill(signal: SignalNumber.interrupt)
    #expect(try child.wait() == .status(130))
  }

  @Test(arguments: [(2, 130), (15, 143), (1, 129), (3, 131)] as [(Int32, Int32)])
  func anInterruptPutsBackWhatItHadSetGoingAndNothingElse(_ signal: Int32, _ status: Int32) throws {
    let daemon = try SampleDaemon()
    daemon.source.blockTable.withLock { $0.course = .lasts }
    _ = try ProgramRun(["block", "offline", "3", "--no-wait", "--socket", daemon.path])
    let running = try RunningProgram(["block", "offline", "0-1", "3", "--socket", daemon.path])
    #expect(eventually { states(daemon)[1] == .goingOffline })
    let run = try running.end(signal: signal)
    #expect(run.status == .status(status))
    #expect(
      run.complaint.hasSuffix(
        "Interrupted: blocks 0-1 are online again; "
          + "block 3 is going offline by another order still.\n"))
    #expect(states(daemon) == [.online, .online, .online, .goingOffline])
  }

  /// Also while the daemon takes its time.
  @Test func aSecondInterruptEndsThePuttingBack() throws {
    let daemon = try SampleDaemon()
    daemon.source.blockTable.withLock {
      $0.course = .lasts
      $0.isSlow = true
    }
    let running = try RunningProgram(["block", "offline", "0-1", "--socket", daemon.path])
    #expect(eventually { states(daemon)[1] == .goingOffline })
    try running.send(signal: SignalNumber.interrupt)
    #expect(eventually { daemon.source.blockTable.withLock { $0.onlineOrders } == 1 })
    let run = try running.end(signal: SignalNumber.interrupt)
    #expect(run.status == .status(130))
    #expect(run.complaint.hasSuffix("blocks 0-1 are not back online: interrupted again.\n"))
    #expect(daemon.source.blockTable.withLock { $0.onlineOrders } == 1)
  }

  @Test func anInterruptPutsBackWhatIsOfflineByThenIfItCan() throws {
    for hasRoom in [true, false] {
      let daemon = try SampleDaemon()
      daemon.source.blockTable.withLock {
        $0.lasting = [1]
        $0.hasRoom = hasRoom
      }
      let running = try RunningProgram([
        "block", "offline", "0-2", "--json", "--socket", daemon.path,
      ])
      #expect(eventually { states(daemon)[2] == .offline })
      let run = try running.end(signal: SignalNumber.interrupt)
      #expect(run.status == .status(130))
      let (complaint, restored, expected): (String, String, [BlockState]) =
        hasRoom
        ? ("blocks 0-2 are online again.", "[0,1,2]", Array(repeating: BlockState.online, count: 4))
        : (
          "block 1 is online again; blocks 0, 2 are not back online: refused: 64 MiB are missing "
            + "(outOfHostMemory).", "[1]", [.offline, .online, .offline, .online]
        )
      #expect(run.complaint == "Interrupted: \(complaint)\n")
      #expect(run.output.filter { !$0.isWhitespace }.contains("\"restored\":\(restored)"))
      #expect(run.output.contains("not_restored"))
      #expect(states(daemon) == expected)
    }
  }
}

/// Looks until the condition holds; false when it never does.
func eventually(_ condition: () -> Bool) -> Bool {
  let deadline = Clock.monotonicNanoseconds() + 20_000_000_000
  while Clock.monotonicNanoseconds() < deadline {
    if condition() { return true }
    Thread.yield()
  }
  return false
}

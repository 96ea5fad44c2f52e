// `top` on a terminal, at many sizes: what a person sees, what the keys do, and that the terminal
// is a shell's again however it ends.

import CoherentSystem
import Testing

@Suite struct TopTerminalTests {
  private static let sizes = [(80, 24), (132, 43), (100, 30), (60, 15), (40, 10), (20, 6), (8, 3)]

  private func start(
    _ terminal: PseudoTerminal, _ daemon: SampleDaemon
  ) throws -> ChildProcess {
    try terminal.start(["top", "--socket", daemon.path, "--delay", "100ms"])
  }

  private func isShown(_ screen: ScreenText) -> Bool {
    screen.isAlternate && screen.text.contains { $0.contains("DEVICE") || $0.contains("PID") }
  }

  /// Whether the terminal is as it was.
  private func isRestored(_ terminal: PseudoTerminal) -> Bool {
    let screen = terminal.screen()
    return !screen.isAlternate && screen.showsCursor && screen.wraps && terminal.isCooked
  }

  @Test(arguments: sizes) func fitsTheTerminal(_ columns: Int, _ rows: Int) throws {
    let daemon = try SampleDaemon(sessions: 50)
    let terminal = try PseudoTerminal(columns: columns, rows: rows)
    let child = try start(terminal, daemon)
    let screen = try #require(terminal.wait(isShown))
    #expect(screen.faults == [])
    #expect(!terminal.isCooked && !screen.showsCursor)
    // A row for a session at least, wherever there is room for one.
    #expect(screen.text.contains { $0.contains("4711") } || rows < 4)
    terminal.type("q")
    #expect(try child.wait() == .status(0))
    #expect(isRestored(terminal))
  }

  @Test func showsEverythingInEightyColumns() throws {
    let daemon = try SampleDaemon()
    let terminal = try PseudoTerminal(columns: 80, rows: 24)
    let child = try start(terminal, daemon)
    let screen = try #require(terminal.wait { isShown($0) && $0.contains("0%") })
    #expect(
      screen.text.contains(
        "    PID USER ▼DEVICE  HOST STORED PINNED FLT/S EVI/S STALL COMMAND UNIT"))
    #expect(screen.contains("coherentd 9.9.9 - running"))
    #expect(screen.contains("Stall  some 12.3% 0.0% 0.0%, full"))
    #expect(screen.contains("q:quit"))
    terminal.type("q")
    #expect(try child.wait() == .status(0))
  }

  @Test func keysSortReverseScrollAndHelp() throws {
    let daemon = try SampleDaemon(sessions: 50)
    let terminal = try PseudoTerminal(columns: 80, rows: 24)
    let child = try start(terminal, daemon)
    #expect(terminal.wait { $0.contains("▼DEVICE") } != nil)
    terminal.type("n")
    #expect(terminal.wait { $0.contains("▲PID") } != nil)
    terminal.type("r")
    #expect(terminal.wait { $0.contains("▼PID") && $0.contains("4760") } != nil)
    terminal.type("r\u{1B}[B\u{1B}[B")
    #expect(terminal.wait { $0.contains("3-18/50") && !$0.contains("   4711 ") } != nil)
    terminal.type("\u{1B}[A\u{1B}[5~")
    #expect(terminal.wait { $0.contains("1-16/50") && $0.contains("   4711 ") } != nil)
    terminal.type("\u{1B}[F")
    #expect(terminal.wait { $0.contains("35-50/50") && $0.contains("   4760 ") } != nil)
    terminal.type("\u{1B}[H")
    #expect(terminal.wait { $0.contains("1-16/50") } != nil)
    terminal.type("?")
    #expect(
      terminal.wait { $0.contains("q:quit r:reverse ?:back") && $0.contains("d:device h:host") }
        != nil)
    terminal.type("x\u{1B}[99z\u{1B}")
    terminal.type("q")
    #expect(try child.wait() == .status(0))
    #expect(terminal.screen().faults == [])
  }

  @Test func followsTheTerminalsSize() throws {
    let daemon = try SampleDaemon()
    let terminal = try PseudoTerminal(columns: 80, rows: 24)
    let child = try start(terminal, daemon)
    #expect(terminal.wait(isShown) != nil)
    for (columns, rows) in Self.sizes {
      terminal.forget()
      try terminal.resize(columns: columns, rows: rows)
      try child.kill(signal: SignalNumber.windowChange)
      // Nothing of the old size comes after a page whose foot is on the last line of the new one.
      let screen = try #require(
        terminal.wait { screen in screen.text.last?.isEmpty == false })
      #expect(screen.text.count == rows)
    }
    terminal.type("q")
    #expect(try child.wait() == .status(0))
  }

  @Test(arguments: [(2, 130), (15, 143), (1, 129), (3, 131)] as [(Int32, Int32)])
  func aSignalLeavesTheTerminalAsItWas(_ signal: Int32, _ status: Int32) throws {
    let daemon = try SampleDaemon()
    let terminal = try PseudoTerminal(columns: 80, rows: 24)
    let child = try start(terminal, daemon)
    #expect(terminal.wait(isShown) != nil)
    try child.kill(signal: signal)
    #expect(try child.wait() == .status(status))
    #expect(isRestored(terminal))
  }

  @Test func ctrlCEndsItAlsoWhereTheTerminalMakesNoSignalOfIt() throws {
    let daemon = try SampleDaemon()
    let terminal = try PseudoTerminal(columns: 80, rows: 24)
    terminal.stopMakingSignals()
    let child = try start(terminal, daemon)
    #expect(terminal.wait(isShown) != nil)
    terminal.type("\u{3}")
    #expect(try child.wait() == .status(130))
    #expect(isRestored(terminal))
  }

  @Test func beingStoppedGivesTheTerminalBackUntilItGoesOn() throws {
    let daemon = try SampleDaemon()
    let terminal = try PseudoTerminal(columns: 80, rows: 24)
    let child = try start(terminal, daemon)
    #expect(terminal.wait(isShown) != nil)
    try child.kill(signal: SignalNumber.terminalStop)
    // What it writes is seen before it has done the rest.
    #expect(terminal.wait { !$0.isAlternate && terminal.isCooked } != nil)
    #expect(isRestored(terminal))
    try child.kill(signal: SignalNumber.goOn)
    #expect(terminal.wait(isShown) != nil)
    terminal.type("q")
    #expect(try child.wait() == .status(0))
    #expect(isRestored(terminal))
  }

  @Test func aDaemonThatGoesAwayIsSaidAndFoundAgain() throws {
    let daemon = try SampleDaemon()
    let terminal = try PseudoTerminal(columns: 80, rows: 24)
    let child = try start(terminal, daemon)
    #expect(terminal.wait(isShown) != nil)
    daemon.stop()
    #expect(terminal.wait { $0.contains("Trying again: the daemon") } != nil)
    try daemon.startAgain()
    #expect(terminal.wait { $0.contains("coherentd 9.9.9 - running") } != nil)
    terminal.type("q")
    #expect(try child.wait() == .status(0))
  }

  @Test func withoutADaemonTheTerminalIsNotTouched() throws {
    let terminal = try PseudoTerminal(columns: 80, rows: 24)
    let child = try terminal.start(["top", "--socket", "/nowhere/socket"])
    #expect(try child.wait() == .status(3))
    let screen = terminal.screen()
    #expect(screen.contains("the daemon is not running") && !screen.isAlternate)
    #expect(screen.contains("Hint: start it"))
  }

  @Test func withoutATerminalItIsAPlainList() throws {
    let daemon = try SampleDaemon()
    let run = try ProgramRun(["top", "--socket", daemon.path, "-d", "100ms"])
    #expect(run.status == .status(0) && !run.output.contains("\u{1B}"))
    #expect(run.output.contains("COMMAND") && run.output.contains("sample.service"))
    let several = try ProgramRun(["top", "-b", "-n2", "-d100ms", "--socket", daemon.path])
    #expect(several.output.split(separator: "\n").filter { $0.contains("COMMAND") }.count == 2)
    let json = try ProgramRun(["top", "--json", "-n", "2", "-d", "100ms", "--socket", daemon.path])
    let lines = json.output.split(separator: "\n")
    #expect(lines.count == 2 && lines.allSatisfy { $0.contains(#""faults_per_s":0"#) })
  }
}

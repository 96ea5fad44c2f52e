// `coherentctl top`: who uses the device right now, and how fast things happen to it.
import ArgumentParser
import CoherentControl
import CoherentSystem

struct TopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "top",
    abstract: "Watch who uses the device: faults, evictions and stalls as they happen.",
    discussion: """
      STALL is the part of the time in which threads and requests of a process waited for the \
      device; with several threads it can be more than 100%.

      Keys: q quits, ? shows the keys for sorting, r reverses, arrows, PgUp, PgDn, Home and End \
      scroll. Where the output is no terminal, one plain list is printed, after a second look \
      that gives the rates.

      EXAMPLES:
        coherentctl top --sort stall
        coherentctl top -b -n 3 -d 5s
        coherentctl top --json | jq '.sessions[] | select(.stall_percent > 10) | .session.pid'
      """)

  @Flag(name: [.long, .customShort("b")], help: "Plain lists, one after the other.")
  var batch = false

  @Option(
    name: [.customShort("n", allowingJoined: true), .long],
    help: ArgumentHelp(
      "End after so many. (default: 1 where the output is no terminal)",
      valueName: "count"))
  var iterations: Int?

  @Option(
    name: [.customShort("d", allowingJoined: true), .long],
    help: ArgumentHelp("The time between two looks: 500ms, 2s.", valueName: "time"))
  var delay = DurationArgument(milliseconds: 1000)

  @Option(
    name: [.customShort("s", allowingJoined: true), .long],
    help: "What the most of comes first.")
  var sort = TopOrder.device

  @OptionGroup var options: CallOptions

  func validate() throws {
    guard iterations ?? 1 > 0 else { throw ValidationError("--iterations is 1 or more.") }
    guard delay.milliseconds >= 100 else { throw ValidationError("--delay is 100ms or more.") }
  }

  func run() throws {
    var style = Style.forDescriptor(1)
    style.showsLegend = !options.noLegend
    style.printsRawBytes = options.rawBytes
    let isScreen = Terminal.isTerminal(1) && Environment.get("TERM") ?? "dumb" != "dumb"
    guard isScreen, !batch, !options.json else { return try list(style, isTerminal: isScreen) }
    var view = TopPage.View()
    view.order = sort
    var loop = try TopLoop(
      socketPath: options.socketPath, delayMilliseconds: delay.milliseconds, view, style)
    let status = loop.run(iterations: iterations)
    if status != 0 { Process.exit(status) }
  }

  private func list(_ style: Style, isTerminal: Bool) throws {
    let signals = try EndSignals()
    let count = iterations ?? (batch ? nil : 1)
    var earlier = try sample()
    var done = 0
    while done < count ?? .max {
      if let signal = signals.wait(milliseconds: Int32(clamping: delay.milliseconds)) {
        Process.exit(128 + signal)
      }
      let latest = try sample()
      try show(TopReport(latest, since: earlier), style, isOnly: count == 1, isFirst: done == 0)
      earlier = latest
      done += 1
    }
  }

  private func sample() throws(Complaint) -> TopSample {
    try options.withClient { (client) throws(ControlFailure) in try TopSample(&client) }
  }

  /// Several reports in JSON are a line each.
  private func show(
    _ report: TopReport, _ style: Style, isOnly: Bool, isFirst: Bool
  ) throws(Complaint) {
    if options.json {
      let text = JSONCoding.encode(report)
      let laidOut = isOnly ? JSONLayout.pretty(text) : text
      return try Program.output(String(decoding: laidOut, as: UTF8.self) + "\n")
    }
    var view = TopPage.View()
    view.order = sort
    let columns = Terminal.width(1) ?? Self.pipeColumns
    let text = TopPage(report, view, style, userName: UserText.name).text(columns: columns)
    try Program.output((isFirst ? "" : "\n") + text)
  }

  /// Room for whole names where nobody says how much there is.
  private static let pipeColumns = 140
}

// `coherentctl events`: what the daemon did, as far as it remembers, and on request as it happens.
// A reader that is too slow holds nothing up: what it missed is said where it is missing.
import ArgumentParser
import CoherentControl
import CoherentSystem
import CoherentWire

struct EventsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events",
    abstract: "Show evictions, revocations, refusals and block changes, on request as they happen.",
    discussion: """
      The daemon remembers some thousand events. Whoever reads too slowly misses some, and is \
      told how many. With --follow and --json each event is one line, and so is {"dropped":N}.

      A daemon that is restarted is followed on: a line says where the one ended and the other \
      began, in JSON {"reconnected":PID}. What was done in between is not known.

      EXAMPLES:
        coherentctl events
        coherentctl events --kind refused --kind revoked --since 2h
        coherentctl events --follow
        coherentctl events --follow --new --json | jq 'select(.kind == "refused")'
      """)

  @Flag(name: [.long, .customShort("f")], help: "Go on with what happens, until interrupted.")
  var follow = false

  @Flag(name: .long, help: "Leave out what has happened already.")
  var new = false

  @Option(
    name: [.long, .customShort("k")],
    help: ArgumentHelp("Only events of this kind; may be given several times.", valueName: "kind"))
  var kind: [EventKind] = []

  @Option(name: [.long, .customShort("s")], help: "Only events about a session, or by its wish.")
  var session: SessionID?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Only events since then: 90s, 10min, 2h or 3d ago, 14:05, or 2026-03-01 14:05.",
      valueName: "time"))
  var since: MomentArgument?

  @Option(
    name: .long, help: ArgumentHelp("Only events until then, as --since.", valueName: "time"))
  var until: MomentArgument?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How long to wait for a daemon that has gone, before giving up.", valueName: "time"))
  var retry = DurationArgument(milliseconds: 60_000)

  @OptionGroup var options: CallOptions

  func validate() throws {
    if new && !follow { throw ValidationError("--new leaves nothing without --follow.") }
    if until != nil && follow { throw ValidationError("--follow goes on beyond any --until.") }
    if let since, let until, since.microseconds > until.microseconds {
      throw ValidationError("--since is later than --until: nothing is between them.")
    }
  }

  func run() throws {
    var query = EventsQuery(after: new ? 0 : nil, follow: follow)
    // What is not narrowed is not sent, so that an older daemon understands it.
    if !kind.isEmpty { query.kinds = kind }
    query.session = session
    query.sinceMicroseconds = since?.microseconds
    query.untilMicroseconds = until?.microseconds
    guard follow else { return try list(query) }
    let wait = try FollowWait()
    var style = Style.forDescriptor(1)
    style.printsRawBytes = options.rawBytes
    var following = EventFollowing(
      query, ControlLink(path: options.socketPath), retryMilliseconds: retry.milliseconds)
    try following.run(wait) { (piece) throws(Complaint) in
      try Program.output(text(piece, style))
    }
    if let signal = wait.signal() { Process.exit(128 + signal) }
    // The reader of the output has left, which is no error to speak of.
    guard StandardOutput.hasReader else { Process.exit(Complaint.failureStatus) }
  }

  private func list(_ query: EventsQuery) throws {
    let events = try options.withClient { (client) throws(ControlFailure) in
      var events: [EventReport] = []
      try client.events(query, waiting: { _ in true }) { events += $0.events }
      return events
    }
    try options.show(events) { events, style in
      events.isEmpty && style.showsLegend
        ? (isNarrowed ? "No such events.\n" : "No events yet.\n")
        : events.map { EventText.line($0, style) }.joined()
    }
  }

  private var isNarrowed: Bool {
    !kind.isEmpty || session != nil || since != nil || until != nil
  }

  private func text(_ piece: EventFollowing.Piece, _ style: Style) -> String {
    switch piece {
    case .events(let answer): text(answer, style)
    case .reconnected(let process, let isAnother):
      options.json
        ? "{\"reconnected\":\(process)}\n"
        : EventText.reconnection(process: process, isAnother: isAnother, style)
    }
  }

  private func text(_ answer: EventsAnswer, _ style: Style) -> String {
    guard options.json else {
      let gap = answer.dropped > 0 ? EventText.gap(answer.dropped, style) : ""
      return gap + answer.events.map { EventText.line($0, style) }.joined()
    }
    let gap = answer.dropped > 0 ? ["{\"dropped\":\(answer.dropped)}\n"] : []
    let lines = answer.events.map { String(decoding: JSONCoding.encode($0), as: UTF8.self) + "\n" }
    return (gap + lines).joined()
  }
}

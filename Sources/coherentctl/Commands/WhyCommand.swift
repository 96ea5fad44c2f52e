// `coherentctl why`: where an allocation is, why it is there, and what was done to it lately.
import ArgumentParser
import CoherentControl
import CoherentWire

struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Explain where an allocation is, why, and what was done to it lately.",
    discussion: """
      Without --session it is explained for every session that has an allocation of this number.

      EXAMPLES:
        coherentctl why 17 --session 3
        coherentctl why 17 --session 3 --limit 100
        coherentctl why 17 --json | jq '.why[].reasons'
      """)

  @Argument(help: "The allocation, as `coherentctl allocations` lists it.")
  var allocation: HandleID

  @Option(name: .long, help: ArgumentHelp("Only of this session.", valueName: "session"))
  var session: SessionID?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Show so many of the latest things that were done to it. --json has all.",
      valueName: "count"))
  var limit = 10

  @OptionGroup var options: CallOptions

  func validate() throws {
    guard limit >= 0 else { throw ValidationError("--limit is 0 or more.") }
  }

  func run() throws {
    let report = try options.withClient { (client) throws(ControlFailure) in
      try client.why(WhyQuery(session: session, allocation: allocation))
    }
    try options.show(report) { WhyText.text($0, limit: limit, $1) }
  }
}

// `coherentctl sessions`: which processes use the device, and how much of it.
import ArgumentParser
import CoherentControl

struct SessionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessions",
    abstract: "List the processes that are connected, and what they hold.",
    discussion: """
      EXAMPLES:
        coherentctl sessions
        coherentctl sessions --json | jq -r '.[] | [.pid, .unit, .device_bytes] | @tsv'
      """)

  @OptionGroup var options: CallOptions

  func run() throws {
    let sessions = try options.withClient { (client) throws(ControlFailure) in
      var sessions: [SessionReport] = []
      try client.sessions { sessions += $0 }
      return sessions
    }
    try options.show(sessions) { SessionTable.text($0, $1) }
  }
}

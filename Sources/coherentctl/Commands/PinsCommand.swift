// `coherentctl pins`: who keeps memory in place, since when, until when, and who waits for it.
import ArgumentParser
import CoherentControl
import CoherentWire

struct PinsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pins",
    abstract: "List who pins memory, until when, and who waits for it.",
    discussion: """
      A request pin is a lease that was asked of the daemon. A fast pin was taken in shared \
      memory, without a request: the daemon sees it only when it looks, so it is held for at \
      least the time shown, and its lease began when it was seen. All fast pins of an allocation \
      are one row. A long-term pin is in host memory, and has no end.

      RENEWED, of a request: how many pins of this range came in a row before it, each before \
      the lease of the one before it, and a default lease more, was over. Of fast pins: how many \
      were new since a first one was seen.

      EXAMPLES:
        coherentctl pins
        coherentctl pins --process 4711
        coherentctl pins --json | jq -r '.[] | select(.waiting > 0) | [.pid, .unit] | @tsv'
      """)

  @Option(name: .long, help: ArgumentHelp("Only the pins of this session.", valueName: "session"))
  var session: SessionID?

  @Option(name: .long, help: ArgumentHelp("Only the pins of this process.", valueName: "pid"))
  var process: Int32?

  @OptionGroup var options: CallOptions

  func validate() throws {
    guard process ?? 1 > 0 else { throw ValidationError("A process has a number above 0.") }
  }

  func run() throws {
    let query = PinsQuery(session: session, process: process)
    let pins = try options.withClient { (client) throws(ControlFailure) in
      var pins: [PinReport] = []
      try client.pins(query) { pins += $0 }
      return pins
    }
    try options.show(pins) { pins, style in PinList(pins, style).text }
  }
}

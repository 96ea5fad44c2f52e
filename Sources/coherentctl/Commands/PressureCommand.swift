// `coherentctl pressure`: which part of the time is lost to waiting for the device.
import ArgumentParser
import CoherentControl

struct PressureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pressure",
    abstract: "Show the time lost to waiting for the device, as the kernel's pressure files do.",
    discussion: """
      some: at least one session waited. full: all that had something to do waited. Percent of \
      the last 10, 60 and 300 seconds, and all of it in microseconds.

      EXAMPLES:
        coherentctl pressure
        coherentctl pressure --json | jq .some.avg10
      """)

  @OptionGroup var options: CallOptions

  func run() throws {
    let report = try options.withClient { (client) throws(ControlFailure) in
      try client.pressure()
    }
    try options.show(report) { report, _ in PressureText.lines(report) }
  }
}

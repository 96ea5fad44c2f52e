// `coherentctl status`: how full the device is, and whether it is well.
import ArgumentParser
import CoherentControl

struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show the daemon and the device as a whole (the default).",
    discussion: """
      Exit status 3 if the daemon is not running.

      EXAMPLES:
        coherentctl
        coherentctl status --json | jq '.device_bytes / .online_bytes'
      """)

  @OptionGroup var options: CallOptions

  func run() throws {
    let report = try options.withClient { (client) throws(ControlFailure) in try client.status() }
    try options.show(report) { report, style in
      let stored = report.generation > 0 ? StoredDescriptors.count(process: report.process) : nil
      return StatusBlock(
        report, socketPath: options.socketPath, storedDescriptors: stored, style
      ).text
    }
  }
}

// `coherentctl reload`: have the daemon read its configuration again, and see what came of it.
import ArgumentParser
import CoherentControl

struct ReloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload",
    abstract: "Have the daemon read its configuration files again.",
    discussion: """
      Returns when it is done. What cannot change while the daemon runs is named, and keeps its \
      value. If there is any mistake in the files, nothing changes and the exit status is 1; \
      `coherentd --check-config` shows every mistake.
      """)

  @OptionGroup var options: CallOptions

  func run() throws {
    let report = try options.withClient { (client) throws(ControlFailure) in try client.reload() }
    try options.show(report) { report, _ in OrderText.reload(report) }
  }
}

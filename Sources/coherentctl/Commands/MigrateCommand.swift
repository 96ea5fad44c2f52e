// `coherentctl migrate`: bring one allocation to the device, or to host memory.
import ArgumentParser
import CoherentControl
import CoherentWire

struct MigrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Move one allocation to the device, or to host memory.",
    discussion: """
      To the device it may have to evict others, and waits for memory until the timeout.

      EXAMPLES:
        coherentctl migrate 3 17 device
        coherentctl migrate 3 17 host --timeout 500ms
      """)

  @Argument(help: "The session, as `coherentctl sessions` lists it.")
  var session: SessionID

  @Argument(help: "The allocation, as `coherentctl allocations` lists it.")
  var allocation: HandleID

  @Argument(help: "Where to.")
  var target: MigrationTarget

  @Option(
    name: .long, help: ArgumentHelp("How long it may take: 500ms, 10s, 2min.", valueName: "time"))
  var timeout = DurationArgument(milliseconds: OrderTimeout.defaultMilliseconds)

  @OptionGroup var options: CallOptions

  func run() throws {
    var order = MigrationOrder(session: session, allocation: allocation, target: target)
    order.timeoutMilliseconds = timeout.milliseconds
    let report = try options.withClient { (client) throws(ControlFailure) in
      try client.migrate(order)
    }
    try options.show(report) { report, _ in OrderText.migration(report, target) }
  }
}

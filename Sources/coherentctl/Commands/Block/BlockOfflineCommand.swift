// `coherentctl block offline`: take blocks away while clients work, with nothing lost. The daemon
// does it; this program starts it, shows how far it is, and calls it off when it is interrupted.
import ArgumentParser
import CoherentControl
import CoherentSystem

struct BlockOfflineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "offline",
    abstract: "Move everything out of blocks, and take them offline.",
    discussion: """
      What is in them moves to other blocks where there is room, else to host memory. A pin \
      delays that by at most its lease. What is not offline when the time is over is online \
      again, and the exit status is 1. Interrupting the command (Ctrl-C) puts back online what \
      it had set going.

      Offline blocks are the daemon's driver removal: without any, clients go on in host memory.

      EXAMPLES:
        coherentctl block offline 3 --dry-run    what it would do, and who is in the way
        coherentctl block offline 2-5
        coherentctl block offline all --timeout 5min --no-wait
      """)

  @Argument(help: "Numbers, ranges (2-5) or all.")
  var blocks: [BlockSelection]

  @Option(
    name: .long, help: ArgumentHelp("How long it may take: 500ms, 10s, 2min.", valueName: "time"))
  var timeout = DurationArgument(milliseconds: OfflineOrder.defaultTimeoutMilliseconds)

  @Flag(inversion: .prefixedNo, help: "Wait until the blocks are offline.")
  var wait = true

  @Flag(name: [.long, .customShort("n")], help: "Only say what would be done.")
  var dryRun = false

  @OptionGroup var options: CallOptions

  func run() throws {
    if dryRun { return try plan() }
    guard wait else { return try start() }
    // Before the daemon is asked, so that no interruption comes in between.
    let signals = try EndSignals()
    let style = Style.forDescriptor(2)
    let showsProgress = Terminal.isTerminal(2)
    var progress = OfflineWait(
      socketPath: options.socketPath, style: style, showsProgress: showsProgress)
    let end = try options.withClient { (client) throws(ControlFailure) in
      let numbers = try BlockSelection.resolve(blocks, &client)
      guard !numbers.isEmpty else { return OfflineWait.End.finished }
      return try progress.run(
        OfflineOrder(blocks: numbers, timeoutMilliseconds: timeout.milliseconds), signals, &client)
    }
    if case .interrupted(let signal, let restored) = end {
      StandardError.write(BlockText.interruption(restored))
      Process.exit(128 + signal)
    }
    try options.show(progress.outcome) { outcome, _ in BlockText.outcome(outcome) }
    if let complaint = BlockText.complaint(progress.outcome) { throw complaint }
  }

  private func start() throws {
    let change = try options.withClient { (client) throws(ControlFailure) in
      let numbers = try BlockSelection.resolve(blocks, &client)
      guard !numbers.isEmpty else { return BlockChangeReport() }
      return try client.offlineBlocks(
        OfflineOrder(blocks: numbers, timeoutMilliseconds: timeout.milliseconds))
    }
    try options.show(change) { change, _ in BlockText.change(change) }
  }

  private func plan() throws {
    let (plans, areLast) = try options.withClient { (client) throws(ControlFailure) in
      let numbers = try BlockSelection.resolve(blocks, &client)
      guard !numbers.isEmpty else { return ([OfflinePlanReport](), false) }
      let plans = try client.planOffline(
        OfflineOrder(blocks: numbers, timeoutMilliseconds: timeout.milliseconds))
      let online = try client.blocks().filter { $0.state == .online }.map(\.block)
      return (plans, !online.isEmpty && Set(online).isSubset(of: numbers))
    }
    try options.show(plans) { plans, style in
      OfflinePlanText(plans, areLast: areLast, style).text
    }
    if plans.contains(where: { $0.refusal != nil }) {
      throw Complaint("it would be refused", status: Complaint.failureStatus)
    }
  }
}

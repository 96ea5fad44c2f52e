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
      again, and the exit status is 1; what is offline by then stays so. What goes offline \
      already keeps the time that it was given first.

      Interrupting the command (Ctrl-C) puts back online all that this very command has changed, \
      what is offline by then too. For that its memory must be had again: what cannot be put \
      back is named, with the reason. Interrupted once more, it leaves the rest as it is.

      Offline blocks are the daemon's driver removal: without any, clients go on in host memory.

      EXAMPLES:
        coherentctl block offline 3 --dry-run    what it would do, and who is in the way
        coherentctl block offline 2-5
        coherentctl block offline all --timeout 5min --no-wait
      """)

  @Argument(help: "Numbers, ranges (2-5) or all.", transform: BlockSelection.parsed)
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
    let numbers = try resolved()
    guard !numbers.isEmpty else { return try show(OfflineOutcome()) }
    var wait = OfflineWait(
      OfflineOrder(blocks: numbers, timeoutMilliseconds: timeout.milliseconds),
      ControlLink(path: options.socketPath), OfflineProgress(isShown: Terminal.isTerminal(2)))
    if let signal = try wait.run(signals) {
      StandardError.write(OfflineText.interruption(wait.outcome))
      if options.json { try show(wait.outcome) }
      Process.exit(128 + signal)
    }
    try show(wait.outcome)
    if let complaint = OfflineText.complaint(wait.outcome) { throw complaint }
  }

  private func resolved() throws(Complaint) -> [Int] {
    try options.withClient { (client) throws(ControlFailure) in
      try BlockSelection.resolve(blocks, &client)
    }
  }

  private func show(_ outcome: OfflineOutcome) throws(Complaint) {
    try options.show(outcome) { outcome, _ in OfflineText.outcome(outcome) }
  }

  private func start() throws {
    let numbers = try resolved()
    guard !numbers.isEmpty else {
      return try options.show(BlockChangeReport()) { BlockChangeText.goingOffline($0, $1) }
    }
    let change: BlockChangeReport
    let all: [BlockReport]
    do throws(ControlFailure) {
      var client = try ControlClient(path: options.socketPath)
      change = try client.offlineBlocks(
        OfflineOrder(blocks: numbers, timeoutMilliseconds: timeout.milliseconds))
      all = try client.blocks()
    } catch {
      throw OfflineText.complaint(error, ordered: numbers)
    }
    let others = all.filter { change.already.contains($0.block) && $0.state == .goingOffline }
    StandardError.write(OfflineText.others(others, change))
    try options.show(change) { BlockChangeText.goingOffline($0, $1) }
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

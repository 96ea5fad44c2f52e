// Waiting until blocks are offline: asks the daemon again and again how far it is, shows it on a
// terminal, and calls off what it had set going when a signal comes. Whatever ends it, no block
// stays going offline that this program was asked to wait for and gave up on.
import CoherentControl
import CoherentSystem

struct OfflineWait {
  enum End {
    /// Each block is offline, or online again.
    case finished
    /// By this signal; the blocks that are back online for it.
    case interrupted(signal: CInt, restored: [Int])
  }

  /// What came of it; also what `--json` prints.
  struct Outcome: Encodable {
    var changed: [Int] = []
    var already: [Int] = []
    /// Those that are online again, as they were seen last while they were going offline.
    var failed: [BlockReport] = []
  }

  private static let pauseMilliseconds: Int32 = 200

  let socketPath: String
  let style: Style
  let showsProgress: Bool
  private(set) var outcome = Outcome()
  private var lastSeen: [Int: BlockReport] = [:]

  init(socketPath: String, style: Style, showsProgress: Bool) {
    self.socketPath = socketPath
    self.style = style
    self.showsProgress = showsProgress
  }

  mutating func run(
    _ order: OfflineOrder, _ signals: borrowing EndSignals, _ client: inout ControlClient
  ) throws(ControlFailure) -> End {
    let change = try client.offlineBlocks(order)
    defer { clearProgress() }
    while true {
      let pending = sort(change, try look(&client))
      if pending.isEmpty { return .finished }
      show(pending)
      guard let signal = signals.wait(milliseconds: Self.pauseMilliseconds) else { continue }
      // Those that somebody else had set going are somebody else's.
      let ours = pending.map(\.block).filter(change.changed.contains)
      if !ours.isEmpty { _ = try client.onlineBlocks(BlocksOrder(blocks: ours)) }
      return .interrupted(signal: signal, restored: ours)
    }
  }

  /// A daemon that was restarted goes on where the one before it was: so the connection is made
  /// anew, once.
  private func look(_ client: inout ControlClient) throws(ControlFailure) -> [BlockReport] {
    do throws(ControlFailure) {
      return try client.blocks()
    } catch {
      guard error == .connectionLost else { throw error }
      client = try ControlClient(path: socketPath)
      return try client.blocks()
    }
  }

  /// Sorts the blocks that were asked for by what has become of them; returns those that are still
  /// on their way.
  private mutating func sort(
    _ change: BlockChangeReport, _ blocks: [BlockReport]
  ) -> [BlockReport] {
    outcome = Outcome()
    var pending: [BlockReport] = []
    let byNumber = Dictionary(blocks.map { ($0.block, $0) }) { $1 }
    for number in (change.changed + change.already).sorted() {
      let block = byNumber[number]
      switch block?.state {
      case BlockState.online?:
        var failed = lastSeen[number] ?? BlockReport(block: number)
        failed.state = .online
        failed.lastFailure = block?.lastFailure
        outcome.failed.append(failed)
      case nil, BlockState.offline?:
        if change.changed.contains(number) {
          outcome.changed.append(number)
        } else {
          outcome.already.append(number)
        }
      default:
        guard let block else { continue }
        // The last look that saw a holder says most.
        if !block.holders.isEmpty || lastSeen[number] == nil { lastSeen[number] = block }
        pending.append(block)
      }
    }
    return pending
  }

  // MARK: The line on the terminal

  private func show(_ pending: [BlockReport]) {
    guard showsProgress else { return }
    let line = BlockText.progress(pending).prefix(max(style.columns - 1, 1))
    StandardError.write("\r\u{1B}[K\(line)")
  }

  private func clearProgress() {
    if showsProgress { StandardError.write("\r\u{1B}[K") }
  }
}

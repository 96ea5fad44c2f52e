// Waiting until blocks are offline: asks the daemon again and again how far it is, and shows it on
// a terminal. When a signal comes, all that this very order has changed is put back online, what is
// offline by then too. A daemon that is away is waited for, as long as the order may take.
import CoherentControl
import CoherentSystem

struct OfflineWait: ~Copyable {
  private static let pauseMilliseconds: Int32 = 200
  /// Of a daemon that was lost: a signal is looked for in between.
  private static let answerMilliseconds = 1000

  private let order: OfflineOrder
  private let progress: OfflineProgress
  private var link: ControlLink
  private(set) var outcome = OfflineOutcome()
  private var lastSeen: [Int: BlockReport] = [:]
  private var pending: [BlockReport] = []

  init(_ order: OfflineOrder, _ link: consuming ControlLink, _ progress: OfflineProgress) {
    self.order = order
    self.link = link
    self.progress = progress
  }

  /// Returns when each block is offline, or online again, or a signal has come: then that signal.
  mutating func run(_ signals: borrowing EndSignals) throws(Complaint) -> CInt? {
    let change = try begin()
    // As far as is known before the first look.
    pending = change.changed.map { block in
      var report = BlockReport(block: block)
      report.state = .goingOffline
      return report
    }
    defer { progress.clear() }
    var signal: CInt?
    var isFirst = true
    while signal == nil {
      switch try look(change, signals) {
      case .signal(let number): signal = number
      case .blocks(let blocks):
        sort(change, blocks)
        if isFirst { progress.note(OfflineText.others(pending, change)) }
        isFirst = false
        if pending.isEmpty { return nil }
        progress.show(pending)
        signal = signals.wait(milliseconds: Self.pauseMilliseconds)
      }
    }
    progress.clear()
    putBack(change, signals)
    return signal
  }

  private mutating func begin() throws(Complaint) -> BlockChangeReport {
    let order = order
    do throws(ControlFailure) {
      return try link.call { (client) throws(ControlFailure) in try client.offlineBlocks(order) }
    } catch {
      throw OfflineText.complaint(error, ordered: order.blocks)
    }
  }

  // MARK: Looking

  private enum Look {
    case blocks([BlockReport])
    case signal(CInt)
  }

  /// A daemon that was restarted goes on where the one before it was.
  private mutating func look(
    _ change: BlockChangeReport, _ signals: borrowing EndSignals
  ) throws(Complaint) -> Look {
    var lostAt: UInt64?
    while true {
      do throws(ControlFailure) {
        let blocks = try link.call { (client) throws(ControlFailure) in try client.blocks() }
        if lostAt != nil { link = ControlLink(path: link.path) }  // with its usual bounds again
        return .blocks(blocks)
      } catch {
        let now = Clock.monotonicNanoseconds() / 1_000_000
        let deadline = (lostAt ?? now) + UInt64(order.timeoutMilliseconds)
        guard error.isAbsence, now < deadline else {
          throw OfflineText.loss(error, (change.changed + change.already).sorted())
        }
        // The first time it may be there again at once.
        if lostAt != nil { progress.noteAbsence(Complaint(error)) }
        let pause = lostAt == nil ? 0 : Self.pauseMilliseconds
        lostAt = lostAt ?? now
        link.answerMilliseconds = Self.answerMilliseconds
        if let signal = signals.wait(milliseconds: pause) { return .signal(signal) }
      }
    }
  }

  /// Sorts the blocks that were asked for by what has become of them.
  private mutating func sort(_ change: BlockChangeReport, _ blocks: [BlockReport]) {
    outcome = OfflineOutcome()
    pending = []
    let byNumber = Dictionary(blocks.map { ($0.block, $0) }) { $1 }
    for number in (change.changed + change.already).sorted() {
      let isOurs = change.changed.contains(number)
      switch byNumber[number] {
      case let block? where block.state == .online:
        outcome.failed.append(
          OfflineOutcome.Stayed(
            block: number, state: block.state, lastFailure: block.lastFailure,
            holders: lastSeen[number]?.holders ?? [], wasGoingOffline: !isOurs))
      case let block? where block.state != .offline:
        // The last look that saw a holder says most.
        if !block.holders.isEmpty || lastSeen[number] == nil { lastSeen[number] = block }
        pending.append(block)
      default:
        if isOurs { outcome.changed.append(number) } else { outcome.already.append(number) }
      }
    }
  }

  // MARK: Putting back

  /// What this order changed, and nothing else: first what is on its way, which costs nothing, then
  /// what is offline, whose memory must be had again. Another signal ends that.
  private mutating func putBack(_ change: BlockChangeReport, _ signals: borrowing EndSignals) {
    let leaving = pending.map(\.block)
    outcome.goingOffline = leaving.filter { !change.changed.contains($0) }
    var obstacle: String?
    for block in leaving.filter(change.changed.contains) + outcome.changed {
      if obstacle == nil, signals.wait(milliseconds: 0) != nil { obstacle = Self.interruptedAgain }
      guard let message = obstacle ?? restore(block, signals, &obstacle) else {
        outcome.restored.append(block)
        continue
      }
      outcome.unrestored.append(
        OfflineOutcome.Unrestored(
          block: block, state: leaving.contains(block) ? .goingOffline : .offline,
          message: message))
    }
    outcome.restored.sort()
    outcome.changed.removeAll(where: outcome.restored.contains)
  }

  private static let interruptedAgain = "interrupted again"

  /// Waits until the daemon has answered, for as long as that may take; false if a signal comes.
  private static func waits(for socket: CInt, _ signals: borrowing EndSignals) -> Bool {
    let latest =
      Clock.monotonicNanoseconds() + UInt64(ControlClient.memoryMilliseconds) * 1_000_000
    while Clock.monotonicNanoseconds() < latest {
      if Readiness.waitReadable(socket, timeoutMilliseconds: pauseMilliseconds) { return true }
      if signals.wait(milliseconds: 0) != nil { return false }
    }
    return true
  }

  /// Why a block is not back online; nil if it is. What stands in the way of all others too, is an
  /// obstacle.
  private mutating func restore(
    _ block: Int, _ signals: borrowing EndSignals, _ obstacle: inout String?
  ) -> String? {
    var isInterrupted = false
    do throws(ControlFailure) {
      _ = try link.call { (client) throws(ControlFailure) in
        try client.onlineBlocks(BlocksOrder(blocks: [block])) { socket in
          isInterrupted = !Self.waits(for: socket, signals)
          return !isInterrupted
        }
      }
      return nil
    } catch {
      let message = isInterrupted ? Self.interruptedAgain : Complaint(error).message
      if case .call = error { return message }
      obstacle = message
      return message
    }
  }
}

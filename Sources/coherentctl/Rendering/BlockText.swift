// What orders about blocks did and would do, as sentences.
import CoherentControl

enum BlockText {
  static func change(_ change: BlockChangeReport) -> String {
    "\(change.changed.count) changed, \(change.already.count) already so.\n"
  }

  static func outcome(_ outcome: OfflineWait.Outcome) -> String {
    change(BlockChangeReport(changed: outcome.changed, already: outcome.already))
  }

  /// Nil if every block is offline.
  static func complaint(_ outcome: OfflineWait.Outcome) -> Complaint? {
    guard !outcome.failed.isEmpty else { return nil }
    let sentences = outcome.failed.map { block in
      var text = "block \(block.block) is online again"
      if let failure = block.lastFailure { text += " (\(Printable.text(failure.rawValue)))" }
      if !block.holders.isEmpty { text += ", pinned by \(holders(block.holders))" }
      return text
    }
    let isPinned = outcome.failed.contains { !$0.holders.isEmpty }
    return Complaint(
      sentences.joined(separator: "; "),
      hint: isPinned
        ? "`coherentctl pins` tells until when; --timeout gives it more time"
        : "--timeout gives it more time", status: Complaint.failureStatus)
  }

  static func interruption(_ restored: [Int]) -> String {
    restored.isEmpty
      ? "Interrupted.\n"
      : "Interrupted: \(list(restored)) \(restored.count == 1 ? "is" : "are") online again.\n"
  }

  /// `block 2`, `blocks 2, 3`.
  static func list(_ blocks: [Int]) -> String {
    (blocks.count == 1 ? "block " : "blocks ")
      + blocks.map { String($0) }.joined(separator: ", ")
  }

  /// One line on how far it is, what matters most first.
  static func progress(_ pending: [BlockReport]) -> String {
    let left = pending.reduce(0) { $0 &+ $1.leftBytes }
    let blocks =
      pending.count <= 3
      ? list(pending.map(\.block)) : OrderText.count(UInt64(pending.count), "block")
    var text = "\(ByteText.prose(left)) left in \(blocks)"
    if let remaining = pending.compactMap(\.remainingMilliseconds).min() {
      text += " (gives up in \(DurationText.plain(remaining)))"
    }
    if let holder = pending.lazy.compactMap(\.holders.first).first {
      text += "; process \(holder.process) pins some"
      if let until = pending.compactMap(\.pinnedUntilMilliseconds).max() {
        text += ", \(DurationText.bound(until)) at most"
      }
    }
    return text
  }

  /// `process 4711 (session 1, 16 frames), …`.
  static func holders(_ holders: [PinHolderReport]) -> String {
    holders.map { holder in
      "process \(holder.process) (session \(holder.session.rawValue), "
        + "\(OrderText.count(holder.frames, "frame")))"
    }.joined(separator: ", ")
  }

}

// What an order about blocks would do, as sentences.
import CoherentControl
import CoherentWire

enum BlockText {
  /// `process 4711 (session 1, 16 frames), …`.
  static func holders(_ holders: [PinHolderReport]) -> String {
    holders.map { holder in
      "process \(holder.process) (session \(holder.session.rawValue), "
        + "\(PluralText.count(holder.frames, "frame")))"
    }.joined(separator: ", ")
  }

  static func plans(_ plans: [OfflinePlanReport], _ style: Style) -> String {
    plans.map { plan($0, style) }.joined()
  }

  private static func plan(_ plan: OfflinePlanReport, _ style: Style) -> String {
    func size(_ bytes: UInt64) -> String { style.proseSize(bytes) }
    var lines = ["Block \(plan.block) is \(Printable.text(plan.state.rawValue)):"]
    if let refusal = plan.refusal {
      lines.append("  " + style.bad("would be refused: ") + Printable.text(refusal))
    }
    if plan.state != .offline {
      lines.append(
        "  \(size(plan.freeBytes)) free, \(size(plan.movedBytes)) would move to other blocks, "
          + "\(size(plan.evictedBytes)) to host memory")
      if plan.pinnedBytes > 0 {
        let who = plan.holders.isEmpty ? "" : " by \(holders(plan.holders))"
        let until = plan.pinnedUntilMilliseconds.map {
          ", for at most \(DurationText.bound($0))"
        }
        lines.append("  \(size(plan.pinnedBytes)) pinned\(who)\(until ?? "")")
      }
      lines.append(
        "  offline within \(DurationText.bound(plan.boundMilliseconds)), or online again")
    }
    return lines.map { $0 + "\n" }.joined()
  }
}

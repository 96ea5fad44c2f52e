// What taking blocks offline would do, as sentences: what `--dry-run` prints.
import CoherentControl

struct OfflinePlanText {
  private let plans: [OfflinePlanReport]
  /// Nothing else is online.
  private let areLast: Bool
  private let style: Style

  init(_ plans: [OfflinePlanReport], areLast: Bool, _ style: Style) {
    self.plans = plans
    self.areLast = areLast
    self.style = style
  }

  var text: String { lines.map { $0 + "\n" }.joined() }

  private var lines: [String] {
    let refused = plans.filter { $0.refusal != nil }
    if let refusal = refused.first?.refusal {
      return [
        "\(style.bad("Would be refused")) (\(BlockNames.text(refused.map(\.block)))):",
        "  " + Printable.text(refusal),
      ]
    }
    var lines = plans.flatMap(lines)
    let going = plans.filter { $0.state != .offline }
    if going.count > 1 {
      let moved = going.reduce(0) { $0 &+ $1.movedBytes }
      let evicted = going.reduce(0) { $0 &+ $1.evictedBytes }
      lines.append("In all: \(size(moved)) to other blocks, \(size(evicted)) to host memory")
    }
    if areLast {
      lines.append(
        "No other block is online: all data goes on in host memory, and requests for memory are "
          + "refused until a block is online again")
    }
    return lines
  }

  private func lines(_ plan: OfflinePlanReport) -> [String] {
    let title = "Block \(plan.block) is \(Printable.text(plan.state.rawValue))"
    if plan.state == .offline { return [title] }
    let isGoing = plan.state == .goingOffline
    var lines = [
      title + ":",
      "  \(isGoing ? "" : "\(size(plan.freeBytes)) free, ")\(size(plan.movedBytes)) would move to "
        + "other blocks, \(size(plan.evictedBytes)) to host memory",
    ]
    if plan.pinnedBytes > 0 {
      let who = plan.holders.isEmpty ? "" : ", by \(PinHolderText.list(plan.holders))"
      lines.append("  \(size(plan.pinnedBytes)) of it may have to wait for pins\(who)")
    }
    return lines + ["  " + bound(plan)]
  }

  /// How long it takes: what is copied takes as long as it takes, pins as long as their leases, and
  /// all of it no longer than the daemon is told to try.
  private func bound(_ plan: OfflinePlanReport) -> String {
    let bound = DurationText.bound(plan.boundMilliseconds)
    guard let until = plan.pinnedUntilMilliseconds else {
      return "no pin is in the way; offline within \(bound), or online again"
    }
    let pins = "the pins end within \(DurationText.bound(until))"
    return until < plan.boundMilliseconds
      ? "\(pins); offline within \(bound), or online again"
      : style.bad("\(pins), and it is given up after \(bound)")
        + (plan.state == .goingOffline ? "" : "; --timeout gives it more time")
  }

  private func size(_ bytes: UInt64) -> String { style.proseSize(bytes) }
}

// One allocation explained: where it is, why, and what was done to it lately.
import CoherentControl

struct WhyText {
  private let why: AllocationExplanation
  private let limit: Int
  private let style: Style

  /// At most `limit` of what was done, the latest.
  init(_ why: AllocationExplanation, limit: Int, _ style: Style) {
    self.why = why
    self.limit = limit
    self.style = style
  }

  static func text(_ report: WhyReport, limit: Int, _ style: Style) -> String {
    report.why.isEmpty
      ? "No such allocation.\n"
      : report.why.map { WhyText($0, limit: limit, style).text }.joined(separator: "\n")
  }

  private var text: String {
    var lines = [
      style.strong("Allocation \(why.allocation.rawValue)")
        + " of session \(why.session.rawValue), process \(why.process): "
        + "\(size(why.sizeBytes)) at \(size(why.offsetBytes)), priority \(why.priority)",
      "  Where: " + places,
    ]
    for (index, reason) in why.reasons.enumerated() {
      lines.append((index == 0 ? "    Why: " : "         ") + sentence(reason))
    }
    for (index, line) in history.enumerated() {
      lines.append((index == 0 ? " Lately: " : "         ") + line)
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// What was done, the oldest first; what is left out is said where it would stand.
  private var history: [String] {
    if why.history.isEmpty { return ["nothing was done to it"] + forgotten }
    let shown = why.history.suffix(limit).map { event in
      "\(TimeText.moment(event.timeMicroseconds))  \(Printable.text(event.text))"
    }
    let earlier = why.history.count - shown.count
    if earlier == 0 { return forgotten + shown }
    return ["(\(earlier) more before that: --limit)"] + shown
  }

  private var forgotten: [String] {
    why.rememberedSinceMicroseconds.map {
      ["(what was before \(TimeText.moment($0)) is not remembered)"]
    } ?? []
  }

  private var places: String {
    let places: [(UInt64, String)] = [
      (why.deviceBytes, "on the device"), (why.hostBytes, "in host memory, mapped"),
      (why.storedBytes, "stored in host memory"), (why.untouchedBytes, "never touched"),
    ]
    var parts = places.filter { $0.0 > 0 }.map { "\(size($0.0)) \($0.1)" }
    if why.movingBytes > 0 { parts.append("\(size(why.movingBytes)) of it moving") }
    if why.pinnedBytes > 0 { parts.append("\(size(why.pinnedBytes)) of it pinned") }
    return parts.isEmpty ? "nowhere" : parts.joined(separator: ", ")
  }

  private func sentence(_ reason: PlaceReason) -> String {
    "\(size(reason.bytes)) \(Printable.text(reason.place)): \(Printable.text(reason.text)) "
      + style.faint("(\(Printable.text(reason.reason)))")
  }

  private func size(_ bytes: UInt64) -> String { style.proseSize(bytes) }
}

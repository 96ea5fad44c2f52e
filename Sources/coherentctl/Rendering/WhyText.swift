// One allocation explained: where it is, why, and what was done to it lately.
import CoherentControl

struct WhyText {
  private let why: AllocationExplanation
  private let style: Style

  init(_ why: AllocationExplanation, _ style: Style) {
    self.why = why
    self.style = style
  }

  static func text(_ report: WhyReport, _ style: Style) -> String {
    report.why.isEmpty
      ? "No such allocation.\n"
      : report.why.map { WhyText($0, style).text }.joined(separator: "\n")
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
    for (index, event) in why.history.enumerated() {
      let line = EventText.line(event, style).dropLast()
      lines.append((index == 0 ? " Lately: " : "         ") + line)
    }
    if why.history.isEmpty { lines.append(" Lately: nothing was done to it") }
    if let since = why.rememberedSinceMicroseconds {
      lines.append("         (what was before \(TimeText.moment(since)) is not remembered)")
    }
    return lines.map { $0 + "\n" }.joined()
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

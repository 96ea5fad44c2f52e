// Events as lines: when, what kind, and the daemon's sentence.
import CoherentControl

enum EventText {
  static func line(_ event: EventReport, _ style: Style) -> String {
    let kind = Printable.text(event.kind.rawValue)
    let padding = String(repeating: " ", count: max(9 - kind.count, 0))
    return
      "\(TimeText.moment(event.timeMicroseconds))  \(paint(kind, event.kind, style))\(padding)  "
      + Printable.text(event.text) + "\n"
  }

  /// What stands where events are missing.
  static func gap(_ dropped: UInt64, _ style: Style) -> String {
    style.warning("-- \(OrderText.count(dropped, "event")) missed: more than could be kept --")
      + "\n"
  }

  private static func paint(_ text: String, _ kind: EventKind, _ style: Style) -> String {
    switch kind {
    case .dataLost: style.bad(text)
    case .refused, .revoked, .pressure: style.warning(text)
    case .block, .session: style.good(text)
    default: text
    }
  }
}

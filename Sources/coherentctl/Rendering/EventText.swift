// Events as lines: when, what kind, and the daemon's sentence.
import CoherentControl
import CoherentWire

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
    style.warning("-- \(PluralText.count(dropped, "event")) missed: more than could be kept --")
      + "\n"
  }

  /// What stands where the connection was lost and made anew.
  static func reconnection(process: Int32, isAnother: Bool, _ style: Style) -> String {
    let what =
      isAnother
      ? "the daemon has gone; from here on it is process \(process), what was done in between is "
        + "not known" : "the connection was lost; from here on it goes on"
    return style.warning("-- \(what) --") + "\n"
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

// The sessions as a table.
import CoherentControl

enum SessionTable {
  static func text(
    _ sessions: [SessionReport], _ style: Style, userName: (UInt32) -> String = UserText.name
  ) -> String {
    var table = Table([
      .number("SESSION"), .number("PID"), .text("USER"), .text("UNIT"), .text("COMMAND"),
      .text("STATE"), .number("ALLOCS"), .number("DEVICE"), .number("RESERVED"), .number("HOST"),
      .number("STORED"), .number("PINNED"), .number("STRAY"), .number("FAULTS"), .number("EVICTED"),
      .number("RESTORED"), .number("AGE"),
    ])
    for session in sessions {
      table.add([
        String(session.session.rawValue), String(session.process), userName(session.user),
        Printable.text(session.unit ?? ""), Printable.text(session.command),
        Printable.text(session.state.rawValue), String(session.allocations),
        style.size(session.deviceBytes), style.size(session.reservedBytes),
        style.size(session.hostBytes), style.size(session.storedBytes),
        style.size(session.pinnedBytes), style.size(session.unaccountedBytes),
        String(session.faults), String(session.evictedFrames),
        String(session.restoredFrames), DurationText.word(session.ageMilliseconds),
      ])
    }
    return table.text(style, noun: ("session", "sessions"))
  }
}

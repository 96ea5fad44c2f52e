// The pins, session after session: who it is on a line of its own, its pins as rows of one table,
// below each who waits for it. Made to fit 80 columns.
import CoherentControl
import CoherentWire

struct PinList {
  private let pins: [PinReport]
  private let style: Style
  private let userName: (UInt32) -> String

  init(_ pins: [PinReport], _ style: Style, userName: @escaping (UInt32) -> String = UserText.name)
  {
    self.pins = pins
    self.style = style
    self.userName = userName
  }

  var text: String {
    var table = Table([
      .number("ALLOCATION"), .text("KIND"), .number("OFFSET"), .number("SIZE"), .number("HELD"),
      .number("LEFT"), .number("RENEWED"),
    ])
    for pin in pins { table.add(cells(pin)) }
    let (header, rows) = table.lines(style)
    var lines = header.map { [style.strong("  " + $0)] } ?? []
    for (index, pin) in pins.enumerated() {
      if index == 0 || pins[index - 1].session != pin.session { lines.append(heading(pin)) }
      lines.append("  " + rows[index])
      lines += pin.waiters.map { "    waiting: " + waiter($0) }
      let more = pin.waiting - min(UInt64(pin.waiters.count), pin.waiting)
      if more > 0 { lines.append("    waiting: \(more) more") }
    }
    if style.showsLegend { lines += summary }
    return lines.map { $0 + "\n" }.joined()
  }

  private var summary: [String] {
    if pins.isEmpty { return ["No pins."] }
    let count = pins.reduce(0) { $0 &+ $1.count }
    return ["", PluralText.count(count, "pin") + " listed."]
  }

  private func heading(_ pin: PinReport) -> String {
    let command = pin.command.isEmpty ? "" : " (\(Printable.text(pin.command)))"
    let unit = pin.unit.map { ", unit \(Printable.text($0))" } ?? ""
    return "Session \(pin.session.rawValue): process \(pin.process)\(command), "
      + "user \(userName(pin.user))\(unit)"
  }

  private func cells(_ pin: PinReport) -> [String] {
    let times = pin.count == 1 ? "" : (style.usesUnicode ? " ×\(pin.count)" : " x\(pin.count)")
    let bound = pin.isHeldExact ? "" : (style.usesUnicode ? "≥" : ">=")
    return [
      String(pin.allocation.rawValue), Printable.text(pin.kind.rawValue) + times,
      style.size(pin.offsetBytes), style.size(pin.lengthBytes),
      bound + DurationText.word(pin.heldMilliseconds),
      pin.remainingMilliseconds.map(DurationText.word) ?? "", String(pin.renewals),
    ]
  }

  private func waiter(_ waiter: PinWaiterReport) -> String {
    let who =
      switch (waiter.process, waiter.session) {
      case (let process?, let session?): "process \(process) (session \(session.rawValue))"
      case (let process?, nil): "process \(process)"
      case (nil, let session?): "session \(session.rawValue)"
      case (nil, nil): "an administrator"
      }
    return "\(who): \(Printable.text(waiter.wish.rawValue)) \(style.proseSize(waiter.bytes)), "
      + "for \(DurationText.word(waiter.waitingMilliseconds)), "
      + "\(DurationText.word(waiter.remainingMilliseconds)) left"
  }
}

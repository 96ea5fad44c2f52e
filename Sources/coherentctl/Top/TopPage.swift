// The whole page of `top` as lines of text for a given size: how full the device is, how pressed,
// then the sessions. Every line fits; where there are few rows, the sessions come first.
import CoherentControl
import CoherentSystem
import CoherentWire

struct TopPage {
  struct View {
    var order = TopOrder.device
    var isReversed = false
    /// How many rows are scrolled over.
    var offset = 0
    /// What is wrong, in place of the daemon's state.
    var message: String?
    var showsHelp = false
  }

  private static let headLines = 6
  /// Fewer rows than this have one line of head.
  private static let fewRows = 14

  private let report: TopReport
  private let view: View
  private let style: Style
  private let userName: (UInt32) -> String

  init(
    _ report: TopReport, _ view: View, _ style: Style, userName: @escaping (UInt32) -> String
  ) {
    self.report = report
    self.view = view
    self.style = style
    self.userName = userName
  }

  /// Exactly the rows of a screen, or fewer.
  func lines(_ size: Terminal.Size) -> [String] {
    let width = max(size.columns, 1)
    let rows = max(size.rows, 1)
    var lines = rows < Self.fewRows ? [title(width)] : head(width)
    let table = TopTable(width: width, report.sessions, style, userName: userName)
    lines.append(
      style.reversed(
        clipped(padded(table.header(view.order, isReversed: view.isReversed), width), width)))
    let sessions = view.order.sorted(report.sessions, isReversed: view.isReversed)
    let footLines = view.showsHelp && rows >= Self.fewRows ? 2 : 1
    let room = max(rows - lines.count - footLines, 0)
    let offset = Self.offset(view.offset, count: sessions.count, room: room)
    lines += sessions.dropFirst(offset).prefix(room).map { clipped(table.row($0), width) }
    if sessions.isEmpty && room > 0 { lines.append(clipped("No sessions.", width)) }
    while lines.count < rows - footLines { lines.append("") }
    let foot = view.showsHelp ? help : [keys(offset, room, sessions.count)]
    lines += foot.prefix(footLines).map { style.faint(clipped($0, width)) }
    return Array(lines.prefix(rows))
  }

  /// As a plain list, for a file or a pipe.
  func text(columns: Int) -> String {
    let table = TopTable(width: columns, report.sessions, style, userName: userName)
    let sessions = view.order.sorted(report.sessions, isReversed: view.isReversed)
    var lines = style.showsLegend ? head(columns) : []
    if style.showsLegend {
      lines.append(style.strong(table.header(view.order, isReversed: view.isReversed)))
    }
    lines += sessions.map(table.row)
    if style.showsLegend && sessions.isEmpty { lines.append("No sessions.") }
    return lines.map { $0.trimmingTrailingSpaces() + "\n" }.joined()
  }

  /// As far as there is something to scroll to.
  static func offset(_ wanted: Int, count: Int, room: Int) -> Int {
    min(max(wanted, 0), max(count - room, 0))
  }

  // MARK: Head and foot

  private func head(_ width: Int) -> [String] {
    [title(width), device(width)]
      + [host, stall, work].map { clipped($0, width) } + [""]
  }

  private func title(_ width: Int) -> String {
    if let message = view.message { return style.bad(clipped(message, width)) }
    let status = report.status
    let text =
      "coherentd \(Printable.text(status.version)) - \(Printable.text(status.state.rawValue)), "
      + "up \(DurationText.plain(status.uptimeMilliseconds)); "
      + "\(PluralText.count(status.sessions, "session")), "
      + "\(PluralText.count(status.allocations, "allocation")), \(status.waiters) waiting"
    let clipped = clipped(text, width)
    if status.lostFrames > 0 || status.state != .running { return style.bad(clipped) }
    return status.isUnderPressure ? style.warning(clipped) : style.strong(clipped)
  }

  private func device(_ width: Int) -> String {
    let status = report.status
    guard status.onlineBytes > 0 else {
      return clipped("Device " + OfflineDeviceText.sentence(status, style), width)
    }
    let used = status.onlineBytes - min(status.freeBytes, status.onlineBytes)
    let percent = Int((Double(used) / Double(status.onlineBytes) * 100).rounded())
    let text = " \(size(used)) of \(size(status.onlineBytes)) (\(percent)%)"
    let room = width - 7 - text.count
    guard room >= 10 else { return clipped("Device" + text, width) }
    return "Device " + UseBar(status).text(cells: min(room, 60), style) + text
  }

  private var host: String {
    let status = report.status
    var text =
      "Host   \(size(status.storedBytes)) stored, \(size(status.hostBytes)) mapped; "
      + "\(size(status.pinnedBytes)) pinned; "
      + "\(PluralText.count(status.blocksOnline, "block")) online"
    if status.blocksGoingOffline > 0 { text += ", \(status.blocksGoingOffline) going offline" }
    if status.blocksOffline > 0 { text += ", \(status.blocksOffline) offline" }
    return text
  }

  private var stall: String {
    func averages(_ stall: StallReport) -> String {
      [stall.average10, stall.average60, stall.average300].map { DecimalText.tenths($0) + "%" }
        .joined(separator: " ")
    }
    return "Stall  some \(averages(report.pressure.some)), full \(averages(report.pressure.full))"
      + "  (of 10s, 1min, 5min)"
  }

  private var work: String {
    func rate(_ value: Double?) -> String { value.map { CountText.short($0) } ?? "-" }
    return "Work   \(rate(report.faultsPerSecond)) faults/s, "
      + "\(rate(report.evictionsPerSecond)) frames/s evicted, "
      + "\(rate(report.restoresPerSecond)) frames/s restored"
  }

  private var help: [String] {
    [
      "q:quit r:reverse ?:back, up, down, PgUp, PgDn, Home and End scroll; sorted by",
      TopOrder.allCases.map { "\($0.key):\($0.rawValue)" }.joined(separator: " "),
    ]
  }

  private func keys(_ offset: Int, _ room: Int, _ count: Int) -> String {
    let keys = "q:quit d:device s:stored f:faults e:evictions t:stall r:reverse ?:more"
    guard count > room else { return keys }
    let last = min(offset + room, count)
    return "\(room > 0 ? offset + 1 : 0)-\(last)/\(count)  " + keys
  }

  private func size(_ bytes: UInt64) -> String { style.proseSize(bytes) }

  private func clipped(_ text: String, _ width: Int) -> String {
    ClippedText.text(text, width: width, style)
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(width - text.count, 0))
  }
}

extension String {
  fileprivate func trimmingTrailingSpaces() -> String {
    guard let last = lastIndex(where: { $0 != " " }) else { return "" }
    return String(self[...last])
  }
}

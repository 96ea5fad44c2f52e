// The status as a block of lines in the manner of `systemctl status`: a dot that tells at a glance,
// then one subject a line.
import CoherentControl
import CoherentWire

struct StatusBlock {
  private let report: StatusReport
  private let socketPath: String
  private let storedDescriptors: UInt64?
  private let style: Style

  /// `storedDescriptors`: how many systemd says it keeps for the daemon; nil if it cannot be asked.
  init(
    _ report: StatusReport, socketPath: String, storedDescriptors: UInt64? = nil, _ style: Style
  ) {
    self.storedDescriptors = storedDescriptors
    self.report = report
    self.socketPath = socketPath
    self.style = style
  }

  var text: String {
    var lines = [headline]
    add("Process", "\(report.process), up \(DurationText.plain(report.uptimeMilliseconds))", &lines)
    add("Socket", Printable.text(socketPath), &lines)
    add("Device", device, &lines)
    if report.onlineBytes > 0 {
      add("", bar.text(cells: max(16, min(style.columns, 100) - 14), style), &lines)
      add("", legend, &lines)
    }
    add("Pressure", pressure, &lines)
    add("Host", host, &lines)
    add("Pinned", "\(size(report.pinnedBytes)) by \(count(report.pins, "pin"))", &lines)
    add("Clients", clients, &lines)
    add("Work", work, &lines)
    add("Trouble", trouble, &lines)
    add("Memory", memory, &lines)
    if report.generation > 0 { add("Kept", kept, &lines) }
    return lines.joined(separator: "\n") + "\n"
  }

  private var headline: String {
    let dot = style.usesUnicode ? "●" : "*"
    let version = Printable.text(report.version)
    let state = Printable.text(report.state.rawValue)
    return "\(paint(dot)) coherentd \(version) - \(paint(state))"
  }

  /// Red where something is wrong, yellow where it is tight.
  private func paint(_ text: String) -> String {
    if report.lostFrames > 0 || report.state != .running { return style.bad(text) }
    return report.isUnderPressure ? style.warning(text) : style.good(text)
  }

  private var usedBytes: UInt64 { report.onlineBytes - min(report.freeBytes, report.onlineBytes) }

  private var device: String {
    guard report.onlineBytes > 0 else { return OfflineDeviceText.sentence(report, style) }
    let percent = Int((Double(usedBytes) / Double(report.onlineBytes) * 100).rounded())
    var text = "\(size(usedBytes)) of \(size(report.onlineBytes)) in use (\(percent)%)"
    if report.capacityBytes != report.onlineBytes {
      text += ", \(size(report.capacityBytes - min(report.onlineBytes, report.capacityBytes)))"
      text += " offline"
    }
    if report.blocksGoingOffline > 0 {
      text += "; \(count(report.blocksGoingOffline, "block")) going offline"
    }
    return text
  }

  private var bar: UseBar { UseBar(report) }

  private var legend: String {
    bar.parts.map { "\(bar.glyph($0, style)) \($0.name) \(size($0.bytes))" }.joined(separator: "  ")
  }

  private var pressure: String {
    // Without a device nothing is short of it.
    guard report.onlineBytes > 0 else { return "no" }
    let marks =
      "evicts below \(mark(report.watermarkLowBytes)) free until "
      + "\(mark(report.watermarkHighBytes)), reserve \(mark(report.watermarkMinimumBytes))"
    return report.isUnderPressure ? "\(style.warning("yes")); \(marks)" : "no; \(marks)"
  }

  private var host: String {
    "\(size(report.hostBytes)) mapped, \(size(report.storedBytes)) stored; "
      + "\(size(report.hostReservedBytes)) of \(size(report.hostLimitBytes)) promised"
  }

  private var clients: String {
    "\(count(report.sessions, "session"))"
      + (report.users > 1 ? " of \(report.users) users" : "")
      + ", \(count(report.allocations, "allocation")), "
      + "\(report.waiters) waiting"
      + (report.closings > 0 ? ", \(count(report.closings, "closing")) under way" : "")
  }

  private var work: String {
    "\(count(report.faults, "fault")); \(count(report.evictedFrames, "frame")) evicted, "
      + "\(report.restoredFrames) restored"
  }

  private var trouble: String {
    let lost = "\(count(report.lostFrames, "frame")) lost"
    let withheld =
      report.withheldBytes > 0
      ? ", " + style.bad("\(size(report.withheldBytes)) withheld by clients that were ended") : ""
    return (report.lostFrames > 0 ? style.bad(lost) : lost)
      + ", \(count(report.refusedRequests, "request")) refused"
      + (report.refusedByShare > 0 ? " (\(report.refusedByShare) by a user's share), " : ", ")
      + "\(count(report.misbehavedClients, "client")) misbehaved" + withheld
      + (report.droppedLogLines > 0
        ? ", " + style.bad("\(count(report.droppedLogLines, "log line")) left out") : "")
  }

  private var memory: String {
    let stray = "\(size(report.unaccountedBytes)) that nothing accounts for"
    return "\(size(report.committedBytes)) committed by all memory files"
      + (report.unaccountedBytes > 0 ? ", and \(style.bad(stray))" : "") + "; "
      + "frames of \(size(report.frameBytes)), "
      + "\(count(report.blocks, "block")) of \(size(report.blockBytes))"
  }

  private var kept: String {
    let expected = report.storedDescriptorsExpected
    let intro = "daemon \(report.generation) of this region; "
    guard let storedDescriptors else {
      return intro + "the supervisor should have \(count(expected, "descriptor")) for the next one"
    }
    let stored = "systemd has \(storedDescriptors) of \(count(expected, "descriptor"))"
    guard storedDescriptors < expected else { return intro + stored + " for the next one" }
    return intro + style.bad(stored + ": what is missing would not survive this daemon")
  }

  private func add(_ name: String, _ value: String, _ lines: inout [String]) {
    let label = name.isEmpty ? "" : "\(name):"
    lines.append(String(repeating: " ", count: 11 - label.count) + label + " " + value)
  }

  private func size(_ bytes: UInt64) -> String { style.proseSize(bytes) }

  /// A watermark reads as in the journal, which rounds down.
  private func mark(_ bytes: UInt64) -> String {
    style.printsRawBytes ? size(bytes) : "\(HumanSize(bytes))"
  }

  private func count(_ number: UInt64, _ noun: String) -> String {
    PluralText.count(number, noun)
  }
}

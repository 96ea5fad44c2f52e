// What an order did, as a sentence.
import CoherentControl
import CoherentWire

enum OrderText {
  /// `asked`: the bytes that were to be evicted, if not all.
  static func eviction(
    _ report: EvictionReport, asked: UInt64? = nil, _ style: Style
  ) -> String {
    let size = style.proseSize(report.evictedBytes)
    var text = "Evicted \(PluralText.count(report.evictedFrames, "frame")) (\(size))"
    if let asked, report.evictedBytes < asked { text += " of \(style.proseSize(asked)) asked" }
    if report.skippedPinnedFrames > 0 {
      text += ".\n"
    } else if report.evictedFrames == 0 {
      text += ": no data that may leave the device was on it.\n"
    } else if report.evictedBytes < asked ?? 0 {
      text += ": no more data that may leave the device was on it.\n"
    } else {
      text += ".\n"
    }
    if report.skippedPinnedFrames > 0 {
      let stay = report.skippedPinnedFrames == 1 ? "stays" : "stay"
      let pinned = PluralText.count(report.skippedPinnedFrames, "pinned frame")
      text += "\(pinned) \(stay) on the device"
      text += report.holders.isEmpty ? ".\n" : ": \(holders(report)).\n"
      text += report.holders.isEmpty ? "" : "`coherentctl pins` tells until when.\n"
    }
    return text
  }

  /// Who pins how many of the frames that stay.
  private static func holders(_ report: EvictionReport) -> String {
    var rest = report.skippedPinnedFrames
    var parts = report.holders.map { holder in
      rest -= min(holder.frames, rest)
      return "\(holder.frames) of process \(holder.process) (session \(holder.session.rawValue))"
    }
    if rest > 0 { parts.append("\(rest) of others") }
    return parts.joined(separator: ", ")
  }

  static func migration(_ report: MigrationReport, _ target: MigrationTarget) -> String {
    let place =
      switch target {
      case .device: "the device"
      case .host: "host memory"
      }
    var text = "Moved \(PluralText.count(report.movedFrames, "frame")) to \(place)"
    if report.alreadyFrames > 0 {
      let verb = report.alreadyFrames == 1 ? "was" : "were"
      text += "; \(report.alreadyFrames) \(verb) there already"
    }
    return text + ".\n"
  }

  static func reload(_ report: ReloadReport) -> String {
    let lines = (report.changed + report.waiting).map { Printable.text($0) + "\n" }
    return "Configuration reloaded\(report.changed.isEmpty ? ", nothing changed" : "").\n"
      + lines.joined()
  }
}

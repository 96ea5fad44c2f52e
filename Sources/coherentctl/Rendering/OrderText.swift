// What an order did, as a sentence.
import CoherentControl
import CoherentWire

enum OrderText {
  static func eviction(_ report: EvictionReport, _ style: Style) -> String {
    let size = style.proseSize(report.evictedBytes)
    var text = "Evicted \(count(report.evictedFrames, "frame")) (\(size)).\n"
    if report.skippedPinnedFrames > 0 {
      let stay = report.skippedPinnedFrames == 1 ? "stays" : "stay"
      text += "\(count(report.skippedPinnedFrames, "pinned frame")) \(stay) on the device.\n"
    }
    return text
  }

  static func migration(_ report: MigrationReport, _ target: MigrationTarget) -> String {
    let place =
      switch target {
      case .device: "the device"
      case .host: "host memory"
      }
    var text = "Moved \(count(report.movedFrames, "frame")) to \(place)"
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

  static func count(_ number: UInt64, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}

// The device's use as a bar: what holds data, what is on its way, what is promised, what is free.
import CoherentControl

struct UseBar {
  struct Part {
    var name: String
    var bytes: UInt64
    var unicode: Character
    var plain: Character
  }

  let parts: [Part]

  /// `cells` characters, shared out by size. Whatever is there at all gets at least one cell, so
  /// that little is never shown as nothing.
  func text(cells: Int, _ style: Style) -> String {
    var text = ""
    for (part, count) in zip(parts, share(cells)) {
      let run = String(repeating: glyph(part, style), count: count)
      text += part.name == "free" ? style.faint(run) : style.good(run)
    }
    return text
  }

  func glyph(_ part: Part, _ style: Style) -> Character {
    style.usesUnicode ? part.unicode : part.plain
  }

  /// How many cells each part gets; together exactly `cells`, or none if there is nothing at all.
  func share(_ cells: Int) -> [Int] {
    let total = parts.reduce(0.0) { $0 + Double($1.bytes) }
    guard total > 0 else { return parts.map { _ in 0 } }
    var counts = parts.map { part in
      part.bytes == 0 ? 0 : max(1, Int((Double(part.bytes) / total * Double(cells)).rounded()))
    }
    // Rounding may be off by a few: the largest part bears it.
    let largest = counts.indices.max { counts[$0] < counts[$1] }!
    counts[largest] += cells - counts.reduce(0, +)
    return counts
  }
}

extension UseBar {
  /// Of the whole device.
  init(_ report: StatusReport) {
    let moving = report.evictingBytes &+ report.restoringBytes &+ report.releasingBytes
    var parts = [
      Part(name: "data", bytes: report.deviceBytes, unicode: "█", plain: "#"),
      Part(name: "moving", bytes: moving, unicode: "▓", plain: "+"),
      Part(name: "reserved", bytes: report.reservedBytes, unicode: "▒", plain: "-"),
      Part(name: "free", bytes: report.freeBytes, unicode: "░", plain: "."),
    ]
    if report.isolatedBytes > 0 {
      parts.append(
        Part(name: "leaving", bytes: report.isolatedBytes, unicode: "▞", plain: "/"))
    }
    self.init(parts: parts)
  }
}

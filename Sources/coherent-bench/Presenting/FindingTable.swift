// Findings as a table. The columns have fixed widths, because the scenarios come one after the
// other and a block is printed before the next is known.

enum FindingTable {
  private static let widths = [9, 27, 16, 17, 9, 6, 14]

  static var header: String {
    line(["SCENARIO", "LABEL", "VALUE", "MIN .. MAX", "FLOOR", "RATIO", "TARGET"]) + "\n"
  }

  static func rows(_ findings: [Finding]) -> String {
    findings.map { line(cells($0)) + "\n" + percentileRow($0) }.joined()
  }

  /// A second row for what one in a hundred exceeds.
  private static func percentileRow(_ finding: Finding) -> String {
    guard let high = finding.percentile99 else { return "" }
    let cells = [
      "", "  one in 100 exceeds", "\(FindingText.number(high.median)) \(finding.unit)",
      "\(FindingText.number(high.minimum)) .. \(FindingText.number(high.maximum))", "", "", "",
    ]
    return line(cells) + "\n"
  }

  private static func cells(_ finding: Finding) -> [String] {
    let value = finding.value
    return [
      finding.scenario, finding.label,
      "\(FindingText.number(value.median)) \(finding.unit)",
      "\(FindingText.number(value.minimum)) .. \(FindingText.number(value.maximum))",
      finding.floor.map { FindingText.number($0.median) } ?? "-",
      finding.ratio.map { FindingText.fixed($0, digits: 2) } ?? "-",
      verdict(finding),
    ]
  }

  private static func verdict(_ finding: Finding) -> String {
    guard let target = finding.target, let isMet = finding.meetsTarget else { return "" }
    return "\(FindingText.target(target)) \(isMet ? "met" : "missed")"
  }

  /// Words to the left, numbers to the right; nothing behind the last.
  private static func line(_ cells: [String]) -> String {
    var line = ""
    for (index, cell) in cells.enumerated() {
      let padding = String(repeating: " ", count: max(0, widths[index] - cell.count))
      if index > 0 { line += "  " }
      switch index {
      case 0, 1: line += cell + padding
      case cells.count - 1: line += cell
      default: line += padding + cell
      }
    }
    while line.last == " " { line.removeLast() }
    return line
  }
}

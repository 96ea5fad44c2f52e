// Rows and columns of text: upper-case headers, text to the left, numbers to the right, two spaces
// between columns, nothing behind the last.

struct Table {
  enum Alignment {
    case left
    case right
  }

  struct Column {
    var header: String
    var alignment: Alignment

    static func text(_ header: String) -> Column { Column(header: header, alignment: .left) }
    static func number(_ header: String) -> Column { Column(header: header, alignment: .right) }
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  init(_ columns: [Column]) { self.columns = columns }

  /// As many cells as there are columns; an empty one is shown as a dash.
  mutating func add(_ cells: [String]) {
    rows.append(cells.map { $0.isEmpty ? "-" : $0 })
  }

  /// The whole table. `noun` is what a row is, for the summary: one and many.
  func text(_ style: Style, noun: (one: String, many: String)) -> String {
    let (header, lines) = lines(style)
    var text = ""
    if let header { text += style.strong(header) + "\n" }
    for line in lines { text += line + "\n" }
    if style.showsLegend {
      if !rows.isEmpty { text += "\n" }
      text += rows.isEmpty ? "No \(noun.many).\n" : summary(noun)
    }
    return text
  }

  /// The header, if there is to be one, and the rows, for who puts something between them.
  func lines(_ style: Style) -> (header: String?, rows: [String]) {
    var widths = columns.map { style.showsLegend ? $0.header.count : 0 }
    for row in rows {
      for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.count) }
    }
    let header = style.showsLegend && !rows.isEmpty ? line(columns.map(\.header), widths) : nil
    return (header, rows.map { line($0, widths) })
  }

  private func summary(_ noun: (one: String, many: String)) -> String {
    "\(rows.count) \(rows.count == 1 ? noun.one : noun.many) listed.\n"
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var line = ""
    for (index, cell) in cells.enumerated() {
      let padding = String(repeating: " ", count: widths[index] - cell.count)
      if index > 0 { line += "  " }
      switch columns[index].alignment {
      case .right: line += padding + cell
      case .left: line += index == cells.count - 1 ? cell : cell + padding
      }
    }
    return line
  }
}

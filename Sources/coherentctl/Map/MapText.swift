// The map for a terminal: a letter for each owner, a large one where something is pinned, signs for
// what holds no data; colours where there are some, and nothing that is said by colour alone.
import CoherentControl

struct MapText {
  private static let letters = Array("abcdefghijklmnopqrstuvwxyz")
  private static let labelColumns = 6
  /// Lines of cells that a picture should not go far beyond.
  private static let usualLines = 32

  private let grid: MapGrid
  private let owners: MapOwners
  private let style: Style
  private let cellsPerLine: Int

  /// Nil if the answer makes no map.
  init?(_ map: MapAnswer, _ owners: MapOwners, _ style: Style) {
    var line = 8
    while line * 2 <= style.columns - Self.labelColumns { line *= 2 }
    let blocks = Set(map.runs.map(\.block)).count
    let lines = max(1, Self.usualLines / max(blocks, 1))
    guard let grid = MapGrid(map, cellsPerBlock: line * lines) else { return nil }
    self.grid = grid
    self.owners = owners
    self.style = style
    cellsPerLine = line
  }

  var text: String {
    guard !grid.rows.isEmpty else { return "No blocks.\n" }
    var lines: [String] = []
    for row in grid.rows {
      var cells = row.cells[...]
      var label = "\(row.block)"
      while !cells.isEmpty {
        let padding = String(repeating: " ", count: max(Self.labelColumns - 2 - label.count, 0))
        lines.append(padding + label + "  " + picture(cells.prefix(cellsPerLine)))
        cells = cells.dropFirst(cellsPerLine)
        label = ""
      }
    }
    if style.showsLegend { lines += legend }
    return lines.map { $0 + "\n" }.joined()
  }

  // MARK: Cells

  /// Equal neighbours are dressed together.
  private func picture(_ cells: ArraySlice<MapGrid.Cell>) -> String {
    var text = ""
    var start = cells.startIndex
    while start < cells.endIndex {
      let end = cells[start...].firstIndex { $0 != cells[start] } ?? cells.endIndex
      text += dressed(String(repeating: glyph(cells[start]), count: end - start), cells[start])
      start = end
    }
    return text
  }

  private func glyph(_ cell: MapGrid.Cell) -> Character {
    guard cell.use.state == .device else { return Self.sign(cell.use.state, style) }
    let letter = letter(owners.index(of: cell.use.session))
    return cell.isPinned ? Character(letter.uppercased()) : letter
  }

  private func letter(_ index: Int?) -> Character {
    index.flatMap { Self.letters.indices.contains($0) ? Self.letters[$0] : nil } ?? "*"
  }

  private static func sign(_ state: FrameState, _ style: Style) -> Character {
    switch state {
    case .free: style.usesUnicode ? "·" : "."
    case .reserved: style.usesUnicode ? "░" : "-"
    case .evicting: "<"
    case .restoring: ">"
    case .releasing: "~"
    case .isolated: "!"
    case .offline: "_"
    default: "?"
    }
  }

  private func dressed(_ text: String, _ cell: MapGrid.Cell) -> String {
    guard cell.use.holdsData, let index = owners.index(of: cell.use.session) else {
      return cell.use.state == .isolated ? style.warning(text) : style.faint(text)
    }
    return style.owned(text, index: index, isPinned: cell.isPinned, isFaint: cell.isThin)
  }

  // MARK: Legend

  private var legend: [String] {
    let bytes = style.proseSize(grid.framesPerCell &* grid.frameBytes)
    let frames = OrderText.count(grid.framesPerCell, "frame")
    var lines = ["", "A cell is \(frames), \(bytes); a large letter has something pinned."]
    for (index, owner) in owners.owners.prefix(Self.letters.count).enumerated() {
      let glyph = style.owned(
        String(letter(index)), index: index, isPinned: false, isFaint: false)
      let pinned = owner.pinnedBytes > 0 ? ", \(style.proseSize(owner.pinnedBytes)) pinned" : ""
      lines.append("  \(glyph)  \(owner.name): \(style.proseSize(owner.bytes))\(pinned)")
    }
    let others = owners.owners.dropFirst(Self.letters.count)
    if !others.isEmpty {
      let bytes = others.reduce(0) { $0 &+ $1.bytes }
      let sessions = OrderText.count(UInt64(others.count), "other session")
      lines.append("  *  \(sessions): \(style.proseSize(bytes))")
    }
    let states: [FrameState] = [
      .free, .reserved, .evicting, .restoring, .releasing, .isolated, .offline,
    ]
    let present = states.compactMap { state in
      owners.bytes[state].map {
        "\(Self.sign(state, style)) \(state.rawValue) \(style.proseSize($0))"
      }
    }
    // As many on a line as fit.
    var line = ""
    for entry in present {
      if !line.isEmpty && line.count + 4 + entry.count > style.columns {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "  " : "   ") + entry
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }
}

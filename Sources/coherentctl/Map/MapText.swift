// The map for a terminal: a letter for each owner, a large one where something is pinned, signs for
// what holds no data; colours where there are some, and nothing that is said by colour alone.
import CoherentControl
import CoherentWire

struct MapText {
  private static let letters = Array("abcdefghijklmnopqrstuvwxyz")
  private static let labelColumns = 6
  /// Lines of cells that a picture should not go far beyond.
  private static let usualLines = 32

  private let grid: MapGrid
  private let owners: MapOwners
  private let leaving: Set<Int>
  private let style: Style
  private let cellsPerLine: Int
  private let rows: Int?

  /// `leaving`: the blocks that are going offline; `rows`: of the terminal, if it is one. Nil if
  /// the answer makes no map.
  init?(
    _ map: MapAnswer, _ owners: MapOwners, leaving: Set<Int> = [], rows: Int? = nil, _ style: Style
  ) {
    var line = 8
    while line * 2 <= style.columns - Self.labelColumns { line *= 2 }
    let blocks = max(Set(map.runs.map(\.block)).count, 1)
    func make(_ lines: Int) -> MapText? {
      MapGrid(map, cellsPerBlock: line * max(lines / blocks, 1)).map {
        MapText(grid: $0, owners, leaving, style, cellsPerLine: line, rows: rows)
      }
    }
    guard let usual = make(Self.usualLines) else { return nil }
    // Lower, if the terminal is: what is left beside the legend, and a line for the shell.
    let legendLines = style.showsLegend ? usual.legend.count : 0
    let isTooHigh = rows.map { usual.pictureLines + legendLines >= $0 } ?? false
    self = (isTooHigh ? make((rows ?? 0) - legendLines - 1) : nil) ?? usual
  }

  private init(
    grid: MapGrid, _ owners: MapOwners, _ leaving: Set<Int>, _ style: Style, cellsPerLine: Int,
    rows: Int?
  ) {
    self.grid = grid
    self.owners = owners
    self.leaving = leaving
    self.style = style
    self.cellsPerLine = cellsPerLine
    self.rows = rows
  }

  private var pictureLines: Int {
    grid.rows.reduce(0) { $0 + ($1.cells.count + cellsPerLine - 1) / cellsPerLine }
  }

  var text: String {
    guard !grid.rows.isEmpty else { return "No blocks.\n" }
    var lines: [String] = []
    for row in grid.rows {
      var cells = row.cells[...]
      var label = label(row.block)
      while !cells.isEmpty {
        lines.append(label + picture(cells.prefix(cellsPerLine)))
        cells = cells.dropFirst(cellsPerLine)
        label = String(repeating: " ", count: Self.labelColumns)
      }
    }
    if style.showsLegend { lines += legend }
    if let rows, style.showsLegend, lines.count >= rows {
      lines.append("(higher than this terminal: --svg FILE draws all of it)")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The block's number, with a mark if it is going offline.
  private func label(_ block: Int) -> String {
    let number = "\(block)"
    let padding = String(repeating: " ", count: max(Self.labelColumns - 2 - number.count, 0))
    let isLeaving = leaving.contains(block)
    let text = padding + number + (isLeaving ? "! " : "  ")
    return isLeaving ? style.warning(text) : text
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

  /// The state's word, and what it means where that is not plain.
  static func name(_ state: FrameState) -> String {
    state == .isolated
      ? "isolated (free, not given out: its block goes offline)" : state.rawValue
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
    let frames = PluralText.count(grid.framesPerCell, "frame")
    var lines = ["", "A cell is \(frames), \(bytes); a large letter has something pinned."]
    if !leaving.isEmpty {
      lines.append("  !  at a number: the block is going offline")
    }
    for (index, owner) in owners.owners.prefix(Self.letters.count).enumerated() {
      let glyph = style.owned(
        String(letter(index)), index: index, isPinned: false, isFaint: false)
      let pinned = owner.pinnedBytes > 0 ? ", \(style.proseSize(owner.pinnedBytes)) pinned" : ""
      lines.append("  \(glyph)  \(owner.name): \(style.proseSize(owner.bytes))\(pinned)")
    }
    let others = owners.owners.dropFirst(Self.letters.count)
    if !others.isEmpty {
      let bytes = others.reduce(0) { $0 &+ $1.bytes }
      let sessions = PluralText.count(others.count, "other session")
      lines.append("  *  \(sessions): \(style.proseSize(bytes))")
    }
    let states: [FrameState] = [
      .free, .reserved, .evicting, .restoring, .releasing, .isolated, .offline,
    ]
    let present = states.compactMap { state in
      owners.bytes[state].map {
        "\(Self.sign(state, style)) \(Self.name(state)) \(style.proseSize($0))"
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

// The map as a picture in SVG: a band for each block, a colour for each owner, hatching where
// something is pinned, and a legend. Its size is bounded: equal neighbours are one rectangle, and
// what is too small for the picture is shown as its cell is.
import CoherentControl
import CoherentWire

struct MapDrawing {
  /// Far apart from each other, and from the greys and the yellow of what holds no data.
  static let ownerColours = [
    "#3366cc", "#e8332a", "#2ca02c", "#ffcc00", "#8e44ad", "#17becf", "#8c510a", "#f78fb3",
    "#1b4f3a", "#9acd32", "#1a237e", "#c0006b",
  ]
  private static let cellsPerBlock = 512
  private static let cellWidth = 2
  private static let left = 64
  private static let bandHeight = 20
  private static let bandPitch = 26
  private static let top = 56
  private static let lineHeight = 20
  private static let maximumOwners = 40

  private let grid: MapGrid
  private let owners: MapOwners
  private let leaving: Set<Int>

  /// `leaving`: the blocks that are going offline. Nil if the answer makes no map.
  init?(_ map: MapAnswer, _ owners: MapOwners, leaving: Set<Int> = []) {
    guard let grid = MapGrid(map, cellsPerBlock: Self.cellsPerBlock) else { return nil }
    self.leaving = leaving
    self.grid = grid
    self.owners = owners
  }

  var text: String {
    let legend = legend
    let bands = Self.top + grid.rows.count * Self.bandPitch
    let height = bands + 16 + legend.count * Self.lineHeight + 16
    let width = Self.left + Self.cellsPerBlock * Self.cellWidth + 24
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
        + "viewBox=\"0 0 \(width) \(height)\" font-family=\"sans-serif\" font-size=\"13\">",
      "<title>The device memory of coherentd</title>",
      "<defs><pattern id=\"pinned\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">"
        + "<path d=\"M-1,7 L7,-1\" stroke=\"#000\" stroke-width=\"1.6\"/></pattern>"
        + "<pattern id=\"offline\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">"
        + "<path d=\"M0,0 L8,8 M8,0 L0,8\" stroke=\"#ccc\"/></pattern></defs>",
      "<rect width=\"\(width)\" height=\"\(height)\" fill=\"#fff\"/>",
      "<text x=\"16\" y=\"24\" font-size=\"17\" font-weight=\"bold\">Device memory</text>",
      "<text x=\"16\" y=\"44\" fill=\"#555\">\(summary)</text>",
    ]
    for (index, row) in grid.rows.enumerated() {
      lines += band(row, y: Self.top + index * Self.bandPitch)
    }
    for (index, entry) in legend.enumerated() {
      lines += line(entry, y: bands + 16 + index * Self.lineHeight)
    }
    lines.append("</svg>")
    return lines.map { $0 + "\n" }.joined()
  }

  /// What is offline has no memory, and is none of the sizes.
  private var summary: String {
    let online = owners.bytes.reduce(0) { $1.key == .offline ? $0 : $0 &+ $1.value }
    let data = owners.owners.reduce(0) { $0 &+ $1.bytes }
    let sessions = PluralText.count(owners.owners.count, "session")
    let offline = grid.rows.count { $0.cells.allSatisfy { $0.use.state == .offline } }
    let blocks = PluralText.count(grid.rows.count, "block")
    return blocks + (offline > 0 ? " (\(offline) offline)" : "")
      + ", \(ByteText.prose(online)) online, \(ByteText.prose(data)) with data of \(sessions)"
  }

  // MARK: Bands

  private func band(_ row: MapGrid.Row, y: Int) -> [String] {
    let middle = y + Self.bandHeight - 5
    let place = "x=\"\(Self.left - 8)\" y=\"\(middle)\" text-anchor=\"end\""
    let (colour, mark) = leaving.contains(row.block) ? ("#b34700", " !") : ("#000", "")
    var lines = ["<text \(place) fill=\"\(colour)\">\(row.block)\(mark)</text>"]
    var start = 0
    // A block of fewer cells is drawn as wide as the others.
    let width = Double(Self.cellsPerBlock * Self.cellWidth) / Double(max(row.cells.count, 1))
    while start < row.cells.count {
      let cell = row.cells[start]
      let end = row.cells[start...].firstIndex { $0 != cell } ?? row.cells.count
      let x = Self.left + Int(Double(start) * width)
      let right = Self.left + Int(Double(end) * width)
      let frame =
        "x=\"\(x)\" y=\"\(y)\" width=\"\(right - x)\" height=\"\(Self.bandHeight)\""
      let opacity = cell.isThin ? " fill-opacity=\"0.5\"" : ""
      lines.append(
        "<rect \(frame) fill=\"\(self.colour(cell.use))\"\(opacity)>"
          + "<title>\(description(cell, UInt64(end - start)))</title></rect>")
      if cell.isPinned { lines.append("<rect \(frame) fill=\"url(#pinned)\"/>") }
      start = end
    }
    lines.append(
      "<rect x=\"\(Self.left)\" y=\"\(y)\" width=\"\(Self.cellsPerBlock * Self.cellWidth)\" "
        + "height=\"\(Self.bandHeight)\" fill=\"none\" stroke=\"#999\"/>")
    return lines
  }

  func colour(_ use: MapGrid.Use) -> String {
    switch use.state {
    case .free: "#f2f2f2"
    case .reserved: "#d5dde8"
    case .evicting: "#404040"
    case .restoring: "#8a8a8a"
    case .releasing: "#b8b8b8"
    case .isolated: "#fff2b3"
    case .offline: "url(#offline)"
    default:
      owners.index(of: use.session).map { Self.ownerColours[$0 % Self.ownerColours.count] }
        ?? "#777777"
    }
  }

  /// What a viewer shows under the pointer.
  private func description(_ cell: MapGrid.Cell, _ cells: UInt64) -> String {
    let size = ByteText.prose(cells &* grid.framesPerCell &* grid.frameBytes)
    let owner = owners.index(of: cell.use.session).map { ", \(owners.owners[$0].name)" } ?? ""
    let pinned = cell.isPinned ? ", pinned" : ""
    return Self.escaped("\(size) \(Printable.text(cell.use.state.rawValue))\(owner)\(pinned)")
  }

  // MARK: Legend

  private struct Entry {
    var colour: String
    var text: String
    var isHatched = false
  }

  private var legend: [Entry] {
    var entries = owners.owners.prefix(Self.maximumOwners).enumerated().map { index, owner in
      let pinned = owner.pinnedBytes > 0 ? ", \(ByteText.prose(owner.pinnedBytes)) pinned" : ""
      return Entry(
        colour: Self.ownerColours[index % Self.ownerColours.count],
        text: "\(owner.name): \(ByteText.prose(owner.bytes))\(pinned)")
    }
    let others = owners.owners.count - entries.count
    if others > 0 { entries.append(Entry(colour: "#777777", text: "\(others) other sessions")) }
    let states: [FrameState] = [
      .free, .reserved, .evicting, .restoring, .releasing, .isolated, .offline,
    ]
    for state in states {
      guard let bytes = owners.bytes[state] else { continue }
      entries.append(
        Entry(
          colour: colour(MapGrid.Use(state: state)),
          text: "\(MapText.name(state)): \(ByteText.prose(bytes))"))
    }
    if !leaving.isEmpty {
      let names = BlockNames.subject(leaving.sorted())
      entries.append(Entry(colour: "none", text: "! \(names) going offline"))
    }
    if owners.owners.contains(where: { $0.pinnedBytes > 0 }) {
      entries.append(Entry(colour: "#ffffff", text: "under a pin", isHatched: true))
    }
    return entries
  }

  private func line(_ entry: Entry, y: Int) -> [String] {
    let frame = "x=\"\(Self.left)\" y=\"\(y)\" width=\"16\" height=\"14\" stroke=\"#999\""
    var lines = ["<rect \(frame) fill=\"\(entry.colour)\"/>"]
    if entry.isHatched { lines.append("<rect \(frame) fill=\"url(#pinned)\"/>") }
    lines.append(
      "<text x=\"\(Self.left + 24)\" y=\"\(y + 12)\">\(Self.escaped(entry.text))</text>")
    return lines
  }

  /// Text as XML has it.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }
}

// The memory blocks as a table; below a row what there is more to say of that block. Made to fit 80
// columns.
import CoherentControl
import CoherentWire

struct BlockList {
  private let blocks: [BlockReport]
  private let style: Style

  init(_ blocks: [BlockReport], _ style: Style) {
    self.blocks = blocks
    self.style = style
  }

  var text: String {
    var table = Table([
      .number("BLOCK"), .text("STATE"), .number("NODE"), .number("SIZE"), .number("FREE"),
      .number("RESERVED"), .number("DEVICE"), .number("PINNED"),
    ])
    for block in blocks { table.add(cells(block)) }
    let (header, rows) = table.lines(style)
    var lines = header.map { [style.strong($0)] } ?? []
    for (block, row) in zip(blocks, rows) {
      lines.append(row)
      lines += remarks(block).map { "       " + $0 }
    }
    if style.showsLegend { lines += summary }
    return lines.map { $0 + "\n" }.joined()
  }

  private func cells(_ block: BlockReport) -> [String] {
    let isOffline = block.state == .offline
    func size(_ bytes: UInt64) -> String { isOffline ? "" : style.size(bytes) }
    return [
      String(block.block), Printable.text(block.state.rawValue),
      block.node.map { String($0) } ?? "", style.size(block.sizeBytes), size(block.freeBytes),
      size(block.reservedBytes), size(block.deviceBytes), block.pinnedBytes.map(size) ?? "",
    ]
  }

  private func remarks(_ block: BlockReport) -> [String] {
    var lines: [String] = []
    if block.state == .goingOffline {
      lines.append(
        "\(style.proseSize(block.leftBytes)) left, \(style.proseSize(block.movingBytes)) of it "
          + "moving"
          + (block.remainingMilliseconds.map { "; gives up in \(DurationText.plain($0))" } ?? ""))
    }
    if !block.holders.isEmpty {
      let until = block.pinnedUntilMilliseconds.map { ", at most \(DurationText.bound($0))" }
      lines.append("pinned by \(PinHolderText.list(block.holders))\(until ?? "")")
    }
    if let failure = block.lastFailure {
      lines.append("the last try to take it offline: \(Printable.text(failure.rawValue))")
    }
    if let misplaced = block.misplacedPages, misplaced > 0 {
      let pages = "\(misplaced) of \(block.checkedPages ?? 0) pages"
      lines.append(style.bad("\(pages) lie on another node"))
    }
    return lines
  }

  private var summary: [String] {
    if blocks.isEmpty { return ["No blocks."] }
    let online = blocks.filter { $0.state == .online }
    let bytes = online.reduce(0) { $0 &+ $1.sizeBytes }
    let count = PluralText.count(blocks.count, "block")
    return ["", "\(count) listed, \(online.count) online (\(style.proseSize(bytes)))."]
  }
}

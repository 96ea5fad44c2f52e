// The rows of `top` in so many columns of text: what does not fit is left out column by column, the
// least needed first, and what is too long is cut with a mark. No line is longer than it may be.
import CoherentControl

struct TopTable {
  private struct Column {
    var header: String
    var width: Int
    var isNumber = true
    var order: TopOrder?
    /// The higher, the sooner it is left out.
    var rank: Int
    /// What it may grow to where there is room, and where any row needs it.
    var mostWidth = 0
    var cell: (TopRow) -> String
  }

  private var columns: [Column]
  private let style: Style

  init(
    width: Int, _ rows: [TopRow], _ style: Style, userName: @escaping (UInt32) -> String
  ) {
    self.style = style
    columns = Self.all(style, userName)
    while columns.count > 1, Self.width(columns) > width {
      let last = columns.indices.max { columns[$0].rank < columns[$1].rank }!
      columns.remove(at: last)
    }
    columns = columns.map { Self.fitted($0, rows) }
    var room = width - Self.width(columns)
    for index in columns.indices where columns[index].mostWidth > columns[index].width {
      let more = min(room, columns[index].mostWidth - columns[index].width)
      guard more > 0 else { continue }
      columns[index].width += more
      room -= more
    }
  }

  /// What can grow is no wider than its longest text: the room is another's.
  private static func fitted(_ column: Column, _ rows: [TopRow]) -> Column {
    guard column.mostWidth > 0 else { return column }
    // The header, and the mark of the order behind it.
    let least = column.header.count + (column.order == nil ? 0 : 1)
    let longest = rows.reduce(least) { max($0, column.cell($1).count) }
    var column = column
    column.width = min(column.width, longest)
    column.mostWidth = min(column.mostWidth, longest)
    return column
  }

  private static func width(_ columns: [Column]) -> Int {
    columns.reduce(columns.count - 1) { $0 + $1.width }
  }

  private static func all(
    _ style: Style, _ userName: @escaping (UInt32) -> String
  ) -> [Column] {
    func size(_ bytes: UInt64) -> String {
      style.printsRawBytes ? String(bytes) : ByteText.short(bytes)
    }
    let sizeWidth = style.printsRawBytes ? 14 : 6
    return [
      Column(header: "SESSION", width: 7, rank: 90) { String($0.session.session.rawValue) },
      Column(header: "PID", width: 7, order: .process, rank: 0) { String($0.session.process) },
      Column(header: "USER", width: 7, isNumber: false, order: .user, rank: 40, mostWidth: 8) {
        userName($0.session.user)
      },
      Column(header: "DEVICE", width: sizeWidth, order: .device, rank: 1) {
        size($0.session.deviceBytes)
      },
      Column(header: "HOST", width: sizeWidth - 1, order: .host, rank: 60) {
        size($0.session.hostBytes)
      },
      Column(header: "STORED", width: sizeWidth, order: .stored, rank: 10) {
        size($0.session.storedBytes)
      },
      Column(header: "PINNED", width: sizeWidth, order: .pinned, rank: 50) {
        size($0.session.pinnedBytes)
      },
      Column(header: "FLT/S", width: 5, order: .faults, rank: 20) { rate($0.faultsPerSecond) },
      Column(header: "EVI/S", width: 5, order: .evictions, rank: 45) {
        rate($0.evictionsPerSecond)
      },
      Column(header: "STALL", width: 5, order: .stall, rank: 15) { row in
        row.stallPercent.map { TopTable.percent($0) } ?? "-"
      },
      Column(header: "COMMAND", width: 8, isNumber: false, rank: 5, mostWidth: 15) {
        Printable.text($0.session.command)
      },
      Column(header: "UNIT", width: 10, isNumber: false, rank: 70, mostWidth: 60) {
        $0.session.unit.map(Printable.text) ?? "-"
      },
    ]
  }

  private static func rate(_ value: Double?) -> String {
    value.map { CountText.short($0) } ?? "-"
  }

  /// `0%`, `2.5%`, `125%`.
  static func percent(_ value: Double) -> String {
    value > 0 && value < 9.95
      ? "\(DecimalText.tenths(value))%" : "\(CountText.short(value))%"
  }

  /// The header. The column of the order has a mark, down where the numbers fall: before its name
  /// if that stands to the right, else behind it, where there is a space in either case.
  func header(_ order: TopOrder, isReversed: Bool) -> String {
    var text = Array(line { $0.header })
    var end = 0
    for column in columns {
      let start = end
      end += column.width
      if column.order == order {
        let place =
          column.isNumber ? end - column.header.count - 1 : start + column.header.count
        let rises = order.isAscending != isReversed
        let mark: Character = style.usesUnicode ? (rises ? "▲" : "▼") : (rises ? "^" : "v")
        if text.indices.contains(place) { text[place] = mark }
      }
      end += 1
    }
    return String(text)
  }

  func row(_ row: TopRow) -> String { line { $0.cell(row) } }

  private func line(_ text: (Column) -> String) -> String {
    columns.map { column in
      let cell = ClippedText.text(text(column), width: column.width, style)
      let padding = String(repeating: " ", count: max(column.width - cell.count, 0))
      return column.isNumber ? padding + cell : cell + padding
    }.joined(separator: " ")
  }
}

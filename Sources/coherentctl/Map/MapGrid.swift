// The map as a picture of equal cells, block after block: each cell is a group of frames, and shows
// what most of those that hold something are. A cell with anything in it is never shown as empty.
import CoherentControl
import CoherentWire

struct MapGrid {
  /// What a frame is used for, and whose data it holds.
  struct Use: Hashable {
    var state: FrameState
    var session: SessionID?
    var process: Int32?

    var holdsData: Bool {
      switch state {
      case .device, .evicting, .restoring, .releasing: true
      default: false
      }
    }
  }

  struct Cell: Hashable {
    var use: Use
    /// Whether any frame of it is under a pin.
    var isPinned = false
    /// Whether less than half of it holds anything.
    var isThin = false
  }

  struct Row {
    var block: Int
    var cells: [Cell]
  }

  /// No region has more frames; what says so is no map.
  private static let maximumFrames: UInt64 = 1 << 40

  let framesPerCell: UInt64
  let frameBytes: UInt64
  private(set) var rows: [Row] = []

  /// At most `cellsPerBlock` cells for each block. Nil if the runs make no map. O(runs + cells).
  init?(_ map: MapAnswer, cellsPerBlock: Int) {
    guard map.blockFrames > 0 || map.runs.isEmpty, map.blockFrames <= Self.maximumFrames,
      map.frameBytes < 1 << 40
    else { return nil }
    var frames: UInt64 = 1
    while map.blockFrames.dividedRoundingUp(by: frames) > UInt64(max(cellsPerBlock, 1)) {
      frames *= 2
    }
    framesPerCell = frames
    frameBytes = map.frameBytes
    var block: BlockCells?
    for run in map.runs {
      let (end, overflows) = run.firstFrame.addingReportingOverflow(run.frames)
      guard !overflows, end <= Self.maximumFrames, run.frames > 0,
        run.block >= 0, UInt64(run.block) == run.firstFrame / map.blockFrames,
        UInt64(run.block) == (end - 1) / map.blockFrames
      else { return nil }
      if block?.number != run.block {
        if let block { rows.append(block.row) }
        block = BlockCells(number: run.block, frames: map.blockFrames, framesPerCell: frames)
      }
      block?.add(run)
    }
    if let block { rows.append(block.row) }
  }
}

/// The cells of one block while its runs come.
private struct BlockCells {
  let number: Int
  private let firstFrame: UInt64
  private let framesPerCell: UInt64
  private var counts: [[MapGrid.Use: UInt64]]
  private var pinned: [Bool]

  init(number: Int, frames: UInt64, framesPerCell: UInt64) {
    self.number = number
    self.framesPerCell = framesPerCell
    firstFrame = UInt64(number) * frames
    let cells = Int(frames.dividedRoundingUp(by: framesPerCell))
    counts = Array(repeating: [:], count: cells)
    pinned = Array(repeating: false, count: cells)
  }

  /// The run lies in this block.
  mutating func add(_ run: MapRunReport) {
    let use = MapGrid.Use(state: run.state, session: run.session, process: run.process)
    var position = run.firstFrame - firstFrame
    let end = position + run.frames
    while position < end {
      let cell = Int(position / framesPerCell)
      let next = min((UInt64(cell) + 1) * framesPerCell, end)
      counts[cell][use, default: 0] += next - position
      if run.isPinned { pinned[cell] = true }
      position = next
    }
  }

  var row: MapGrid.Row {
    MapGrid.Row(
      block: number,
      cells: zip(counts, pinned).map { counts, isPinned in
        let total = counts.values.reduce(0, +)
        let held = counts.filter(\.key.holdsData)
        let largest = (held.isEmpty ? counts : held).max { first, second in
          // Among equals the lower session, so that the picture does not flicker.
          (first.value, second.key.session?.rawValue ?? 0)
            < (second.value, first.key.session?.rawValue ?? 0)
        }
        return MapGrid.Cell(
          use: largest?.key ?? MapGrid.Use(state: .offline), isPinned: isPinned,
          isThin: !held.isEmpty && held.values.reduce(0, +) * 2 < total)
      })
  }
}

extension UInt64 {
  fileprivate func dividedRoundingUp(by divisor: UInt64) -> UInt64 {
    (self + divisor - 1) / divisor
  }
}

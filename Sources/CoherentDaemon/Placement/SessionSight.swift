// A look at where the pages of one session's file lie. It is taken by a thread for it alone, since
// the client can hold up every call on that file.

import CoherentCore
import CoherentSystem

struct SessionSight: ~Copyable {
  private let session: ClientSession
  private let performer: Performer
  /// The node of each bound block, and where all else has to lie; nil if nothing is said of it.
  private let nodes: [Int: NodeSet]
  private let ordinary: NodeSet?
  private let locator: PageLocator
  private let thread: Heartbeat

  private static let runsAtATime = 256

  init(
    _ session: ClientSession, _ performer: Performer, _ nodes: [Int: NodeSet],
    _ ordinary: NodeSet?, _ thread: Heartbeat
  ) throws(SystemError) {
    locator = try PageLocator()
    self.session = session
    self.performer = performer
    self.nodes = nodes
    self.ordinary = ordinary
    self.thread = thread
  }

  /// What was found of each run of frames. A page that is found elsewhere than it should be counts
  /// only if its frame was in the same place before and after.
  borrowing func look() throws(SystemError) -> [(PagePlacement, FrameSpot)] {
    var seen: [(PagePlacement, FrameSpot)] = []
    let id = session.id
    var next: Int? = 0
    while let from = next {
      let page = performer.engine.look { core, _ in
        core.placedRuns(of: id, from: from, limit: Self.runsAtATime)
      }
      for run in page.runs {
        guard let allowed = BlockCheck.allowed(run.spot, nodes, ordinary) else { continue }
        let placement = try count(run.first, run.count, run.spot)
        guard placement.pages(outside: allowed) > 0 else {
          seen.append((placement, run.spot))
          continue
        }
        for frame in run.first..<run.end {
          guard isThere(frame, run.spot) else { continue }
          let placement = try count(frame, 1, run.spot)
          if isThere(frame, run.spot) { seen.append((placement, run.spot)) }
        }
      }
      thread.beat()
      next = page.next
    }
    return seen
  }

  private borrowing func isThere(_ frame: Int, _ spot: FrameSpot) -> Bool {
    let id = session.id
    return performer.engine.look { core, _ in core.spot(of: id, frame: frame) } == spot
  }

  private static let stepBytes: UInt64 = 16 << 20

  private borrowing func count(
    _ first: Int, _ frames: Int, _ spot: FrameSpot
  ) throws(SystemError) -> PagePlacement {
    let frameBytes = performer.frameBytes
    let start = (spot == .store ? session.layout.arenaBytes : 0) + UInt64(first) * frameBytes
    let end = start + UInt64(frames) * frameBytes
    var placement = PagePlacement()
    for offset in stride(from: start, to: end, by: Int(Self.stepBytes)) {
      placement += try session.memory.file.count(
        locator, offsetBytes: offset, lengthBytes: min(Self.stepBytes, end - offset), thread)
    }
    return placement
  }
}

// Looks where the memory of the bound blocks really lies, what the region's file holds of them and
// what the arenas do, and whether what was evicted lies on ordinary nodes. It changes nothing, and
// works beside everything else. A page that is found elsewhere counts only if its frame was in the
// same place before and after, since frames move meanwhile.

import CoherentCore
import CoherentSystem

struct BlockCheck {
  /// Of one block, or of all that is evicted: the pages that have memory, and those of them that
  /// lie on other nodes than they should.
  struct Finding: Equatable {
    var pages = 0
    var misplacedPages = 0
  }

  private(set) var findings: [Int: Finding] = [:]
  private(set) var evicted = Finding()
  /// The node of each bound block, and where all else has to lie; nil if nothing is said of it.
  private var nodes: [Int: NodeSet] = [:]
  private let ordinary: NodeSet?
  private let performer: Performer
  private let beat: () -> Void

  private static let runsAtATime = 256

  /// Looks at these blocks, which are online or going offline, by block and kind; those that are
  /// not bound have no finding. O(pages); takes milliseconds for each hundred megabytes.
  init(
    _ blocks: [(block: Int, kind: MemoryKind)], _ performer: Performer, beat: @escaping () -> Void
  ) throws(RegionError) {
    self.performer = performer
    self.beat = beat
    if case .bound(let nodes) = performer.nodes.ordinaryPolicy {
      ordinary = nodes
    } else {
      ordinary = nil
    }
    for (block, kind) in blocks {
      guard let node = performer.nodes.node(of: kind) else { continue }
      nodes[block] = NodeSet([node])
      note(try performer.housekeeper.region.check(block, beat), .block(block))
    }
    if nodes.isEmpty && ordinary == nil { return }
    do throws(SystemError) {
      let locator = try PageLocator()
      for session in performer.sessions.all { try look(at: session, locator) }
    } catch {
      throw .system(error)
    }
  }

  private mutating func look(
    at session: ClientSession, _ locator: borrowing PageLocator
  ) throws(SystemError) {
    let id = session.id
    var next: Int? = 0
    while let from = next {
      let page = performer.engine.look { core, _ in
        core.placedRuns(of: id, from: from, limit: Self.runsAtATime)
      }
      for run in page.runs {
        guard let allowed = allowed(run.spot) else { continue }
        let placement = try count(session, run.first, run.count, run.spot, locator)
        guard placement.pages(outside: allowed) > 0 else {
          note(placement, run.spot)
          continue
        }
        for frame in run.first..<run.end {
          guard isThere(session, frame, run.spot) else { continue }
          let placement = try count(session, frame, 1, run.spot, locator)
          if isThere(session, frame, run.spot) { note(placement, run.spot) }
        }
      }
      beat()
      next = page.next
    }
  }

  private func allowed(_ spot: FrameSpot) -> NodeSet? {
    switch spot {
    case .block(let block): nodes[block]
    case .host, .store: ordinary
    }
  }

  private mutating func note(_ placement: PagePlacement, _ spot: FrameSpot) {
    let misplaced = allowed(spot).map { placement.pages(outside: $0) } ?? 0
    switch spot {
    case .block(let block):
      findings[block, default: Finding()].pages += placement.pages
      findings[block, default: Finding()].misplacedPages += misplaced
    case .host, .store:
      evicted.pages += placement.pages
      evicted.misplacedPages += misplaced
    }
  }

  private func isThere(_ session: ClientSession, _ frame: Int, _ spot: FrameSpot) -> Bool {
    let id = session.id
    return performer.engine.look { core, _ in core.spot(of: id, frame: frame) } == spot
  }

  private func count(
    _ session: ClientSession, _ first: Int, _ frames: Int, _ spot: FrameSpot,
    _ locator: borrowing PageLocator
  ) throws(SystemError) -> PagePlacement {
    let frameBytes = performer.frameBytes
    let start = spot == .store ? session.memory.layout.arenaBytes : 0
    return try locator.count(
      session.memory.file, offsetBytes: start + UInt64(first) * frameBytes,
      lengthBytes: UInt64(frames) * frameBytes, beat)
  }
}

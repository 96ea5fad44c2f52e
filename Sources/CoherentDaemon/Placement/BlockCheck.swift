// Looks where the memory of the bound blocks really lies: what the region's file holds of them, and
// what the arenas do. It changes nothing, and works beside everything else. A page that is found
// elsewhere counts only if its frame was in the block before and after, since frames move
// meanwhile.

import CoherentCore
import CoherentSystem

struct BlockCheck {
  /// Of one block: the pages that have memory, and those of them that lie on other nodes than its.
  struct Finding: Equatable {
    var pages = 0
    var misplacedPages = 0
  }

  private(set) var findings: [Int: Finding] = [:]
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
    let region = performer.housekeeper.region
    var nodes: [Int: Int] = [:]
    for (block, kind) in blocks {
      guard let node = performer.nodes.node(of: kind) else { continue }
      nodes[block] = node
      let placement = try region.check(block, beat)
      findings[block, default: Finding()].pages += placement.pages
      findings[block, default: Finding()].misplacedPages +=
        placement.pages - placement.pages(on: node)
    }
    if nodes.isEmpty { return }
    do throws(SystemError) {
      let locator = try PageLocator()
      for session in performer.sessions.all { try look(at: session, nodes, locator) }
    } catch {
      throw .system(error)
    }
  }

  private mutating func look(
    at session: ClientSession, _ nodes: [Int: Int], _ locator: borrowing PageLocator
  ) throws(SystemError) {
    let id = session.id
    var next: Int? = 0
    while let from = next {
      let page = performer.engine.look { core, _ in
        core.boundRuns(of: id, from: from, limit: Self.runsAtATime)
      }
      for run in page.runs {
        guard let node = nodes[run.block] else { continue }
        let placement = try count(session, run.first, run.count, locator)
        findings[run.block, default: Finding()].pages += placement.pages
        guard placement.pages > placement.pages(on: node) else { continue }
        for frame in run.first..<run.end {
          findings[run.block, default: Finding()].misplacedPages +=
            try misplacedPages(session, frame, in: run.block, node, locator)
        }
      }
      beat()
      next = page.next
    }
  }

  private func misplacedPages(
    _ session: ClientSession, _ frame: Int, in block: Int, _ node: Int,
    _ locator: borrowing PageLocator
  ) throws(SystemError) -> Int {
    guard isIn(block, session, frame) else { return 0 }
    let placement = try count(session, frame, 1, locator)
    return isIn(block, session, frame) ? placement.pages - placement.pages(on: node) : 0
  }

  private func isIn(_ block: Int, _ session: ClientSession, _ frame: Int) -> Bool {
    let id = session.id
    return performer.engine.look { core, _ in core.boundBlock(of: id, frame: frame) } == block
  }

  private func count(
    _ session: ClientSession, _ first: Int, _ frames: Int, _ locator: borrowing PageLocator
  ) throws(SystemError) -> PagePlacement {
    let frameBytes = performer.frameBytes
    return try locator.count(
      session.memory.file, offsetBytes: UInt64(first) * frameBytes,
      lengthBytes: UInt64(frames) * frameBytes)
  }
}

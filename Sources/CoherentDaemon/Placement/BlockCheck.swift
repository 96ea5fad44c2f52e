// Looks where the memory of the bound blocks really lies, what the region's file holds of them and
// what the arenas do, and whether what was evicted lies on ordinary nodes. It changes nothing, and
// works beside everything else. Each session's file is looked at by a thread for it alone: its
// client can hold that up, and then it is left out.

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
      for session in performer.sessions.all {
        for (placement, spot) in try looked(at: session) { note(placement, spot) }
      }
    } catch {
      throw .system(error)
    }
  }

  private typealias Seen = [(PagePlacement, FrameSpot)]

  /// What a session's file holds; nothing where its client holds up the thread that looks.
  private func looked(at session: ClientSession) throws(SystemError) -> Seen {
    let thread = session.lookHeartbeat
    guard !thread.isInCall else { return [] }
    let (nodes, ordinary, performer) = (nodes, ordinary, performer)
    let errand = Errand<Result<Seen, SystemError>>()
    try errand.start(name: thread.thread) {
      do throws(SystemError) {
        let sight = try SessionSight(session, performer, nodes, ordinary, thread)
        return .success(try sight.look())
      } catch {
        return .failure(error)
      }
    }
    return try errand.wait(thread, beat)?.get() ?? []
  }

  private mutating func note(_ placement: PagePlacement, _ spot: FrameSpot) {
    let misplaced = Self.allowed(spot, nodes, ordinary).map { placement.pages(outside: $0) } ?? 0
    switch spot {
    case .block(let block):
      findings[block, default: Finding()].pages += placement.pages
      findings[block, default: Finding()].misplacedPages += misplaced
    case .host, .store:
      evicted.pages += placement.pages
      evicted.misplacedPages += misplaced
    }
  }

  /// Where what lies at a spot has to lie; nil if nothing is said of it.
  static func allowed(
    _ spot: FrameSpot, _ nodes: [Int: NodeSet], _ ordinary: NodeSet?
  ) -> NodeSet? {
    switch spot {
    case .block(let block): nodes[block]
    case .host, .store: ordinary
    }
  }
}

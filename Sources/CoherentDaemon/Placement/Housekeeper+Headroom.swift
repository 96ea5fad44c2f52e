// Carving on the pagers' own threads, where the housekeeper is too slow for it. What is placed
// takes memory of its node before the region has given up as much, and a node that a device fills
// has little to spare. So a pager that fills frames of such a device carves first, until the excess
// is small, as the kernel reclaims directly where its daemon falls behind.

import CoherentCore
import CoherentSystem

extension Housekeeper {
  /// How much more than its blocks a device's node may have to hold for a moment. Twice that is the
  /// least that it keeps free when a block is committed, for who fills while another one carves.
  static let excessBytes: UInt64 = 4 << 20
  static let headroomBytes: UInt64 = 16 << 20

  /// Before frames of a bound kind are filled; the core counts them as excess by now. Bounded: it
  /// does what is queued, and waits only a moment for what others have taken.
  func makeHeadroom(_ kind: MemoryKind, _ performer: Performer, _ thread: ThreadPlacement) {
    let frames = Int(Self.excessBytes / performer.frameBytes)
    var effects: [Effect] = []
    var patience = 256
    while patience > 0, engine.overshootFrames(kind) > frames {
      let works = engine.look { core, _ in core.takeCarvingWork(limit: Self.headroomFrames) }
      if works.isEmpty {
        Thread.yield()
        patience -= 1
      } else if carve(works, performer, thread, &effects) != nil {
        return
      }
    }
  }

  private static let headroomFrames = 64

  /// Carves, gives back before it takes, and says so to the core. The first failure, if there was
  /// one; what failed is queued again, and what would take memory where none is to be taken.
  func carve(
    _ works: [CarvingWork], _ performer: Performer, _ thread: ThreadPlacement,
    _ effects: inout [Effect], takes: Bool = true, beat: () -> Void = {}
  ) -> SystemError? {
    var failure: SystemError?
    for fills in [false, true] {
      for work in works where work.fills == fills {
        let isTried = takes || !work.fills
        let outcome = isTried ? region.carve(work, thread) : nil
        failure = failure ?? outcome
        engine.step(&effects) { core, now, effects in
          core.carved(work, succeeded: isTried && outcome == nil, now, &effects)
        }
        performer.perform(&effects)
        beat()
      }
    }
    return failure
  }
}

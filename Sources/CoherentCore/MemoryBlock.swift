// One memory block: a fixed slice of the region, and the unit of hot-plug. The words are those of
// the kernel's memory hotplug.
//
//   absent ──add──> offline ──online──> online ──offline──> goingOffline ──emptied──> offline
//             <──remove──                 <──online, or given up──
//
// Law: the states of its frames are counted here, and are all `offline` where it is offline.

package enum BlockState: UInt8, CaseIterable, Sendable {
  /// There is no such block; its slice of the region is nobody's.
  case absent = 0
  /// It is there, and holds no memory.
  case offline = 1
  case online = 2
  /// No frame of it is given out any more; what lies there is moving elsewhere.
  case goingOffline = 3

  /// Whether its frames are part of the device.
  package var isCounted: Bool { self == .online || self == .goingOffline }
}

/// How a try to take a block offline ended without it.
package enum BlockFailure: UInt8, Sendable {
  case timedOut
  case cancelled
}

struct MemoryBlock {
  var state = BlockState.absent
  var kind = MemoryKind.unbound
  var counts = StateCounts()
  /// Of its frames, those whose memory the region's file holds, and those with carving work.
  var filledFrames = 0
  var queuedFrames = 0
  /// Going offline: until when, where to look next, and jobs that were started for it.
  var deadline = Instant.never
  var cursor = 0
  /// A look at it stands in the queue of deadlines.
  var isLookDue = false
  var jobsInFlight = 0
  var lastFailure: BlockFailure?

  /// Nothing is left in it that anybody has; its memory is being given back.
  var isEmptied: Bool { state == .goingOffline && counts[.offline] > 0 }
}

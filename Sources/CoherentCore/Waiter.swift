// A request that could not be answered at once: what it wants, for whom, and until when. It ends
// by being granted, by its deadline, or with its session; never otherwise. Only a discard has no
// deadline: it cannot be taken back once it was begun, and waits for its own pager alone.

import CoherentWire

struct Waiter {
  enum Wish {
    case allocate(frames: Int, alignment: Int, priority: UInt8)
    /// Its frames are pinned meanwhile, unless it stands behind an eviction that waits for them.
    case pin(allocation: UInt64, range: Range<Int>, leaseMilliseconds: UInt32, isBehind: Bool)
    case migrate(
      allocation: UInt64, range: Range<Int>, target: MigrationTarget, alreadyFrames: Int,
      isForPin: Bool)  // for a long-term pin, which pins its frames meanwhile
    case evict(Eviction)
    /// Contents that are being dropped; answered when all of them are gone.
    case discard(Discard)
  }

  /// A discard under way: how far it has come.
  struct Discard {
    var allocation: UInt64
    /// Frames still to be looked at, the first next.
    var range: Range<Int>
    /// Those whose contents it drops.
    var frames = 0
    var jobsInFlight = 0
    /// The rest is looked at in an event of its own.
    var isPutOff = false
  }

  /// An administrator's eviction: of one range of one session, or of whatever is coldest.
  struct Eviction {
    var session: SessionID?
    /// Frames of the session still to be looked at.
    var range: Range<Int> = 0..<0
    var wantedFrames: Int
    var startedFrames = 0
    var evictedFrames = 0
    var skippedPinnedFrames = 0
    var jobsInFlight = 0
  }

  let requester: Requester
  /// The session whose frames it concerns; for an administrator's request not the requester's.
  let session: SessionID?
  var wish: Wish
  /// Of a pin that stands behind: a frame that was in its way at the last look.
  var obstacle: Int?
  let since: Instant
  let deadline: Instant

  /// The frames that it has pinned already.
  var pinnedRange: Range<Int>? {
    switch wish {
    case .pin(_, let range, _, isBehind: false): range
    case .migrate(_, let range, _, _, isForPin: true): range
    default: nil
    }
  }
}

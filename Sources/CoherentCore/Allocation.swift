// One allocation: a contiguous range of an arena, named by a handle. It dies in two steps: freed
// (nobody may use it), then released (its memory is given back, its addresses may be used again).

import CoherentWire

struct Allocation {
  /// Its extent in the arena's address space.
  var extent: UInt32
  var first: UInt32
  var count: UInt32
  var priority: UInt8
  /// The number of the request that it was made for.
  var createdBy: UInt64 = 0
  var isDying = false
  /// Frames of it that are evicting or restoring.
  var passingFrames: UInt32 = 0
  /// Release jobs that are still to finish.
  var pendingReleases: UInt32 = 0

  /// Frames of it that requests have pinned.
  var pinnedFrames: UInt32 = 0

  /// Whether its control word is lent out, by which of all openings, and what the sweep saw of it
  /// last, and since when.
  var word = WordState.closed
  var wordOpening: UInt64 = 0
  var wordIsPinned = false
  /// An operation that takes it back is on its way.
  var wordIsAskedFor = false
  var wordEpoch: UInt32 = 0
  var wordSeenAt = Instant(nanoseconds: 0)
  /// When the pins end that a closing word still counts.
  var wordDeadline = Instant.never
  /// Fast pins that were new since a look first found some, without one in between that found none.
  var wordRenewals: UInt64 = 0
  /// The last short pin that was a request.
  var trail = PinTrail()

  var range: Range<Int> { Int(first)..<Int(first) + Int(count) }

  /// What `wordRenewals` will be when the word is seen pinned with this epoch, which has 24 bits.
  func renewals(atEpoch epoch: UInt32) -> UInt64 {
    wordIsPinned ? wordRenewals &+ UInt64((epoch &- wordEpoch) & 0xff_ffff) : 0
  }
}

/// A lease on a range: while it holds, the range is resident and does not move.
struct Pin {
  var allocation: UInt64
  var first: Int
  var count: Int
  var grantedAt: Instant
  var deadline: Instant
  /// In host memory, without a deadline.
  var isLongTerm = false
  /// The number of the request that it was granted to.
  var createdBy: UInt64
  /// The last holder of its slot ended by its deadline, and was not told yet.
  var followsExpired = false
  /// How many pins in a row it renewed.
  var renewals: UInt32 = 0

  var range: Range<Int> { first..<first + count }
}

// What an administrator sees of a memory block, and what it would mean to take it offline.

package struct BlockStatus: Equatable, Sendable {
  package var block: Int
  package var state = BlockState.absent
  package var kind = MemoryKind.unbound
  package var freeFrames = 0
  package var reservedFrames = 0
  package var deviceFrames = 0
  /// On their way somewhere: evicting, restoring, releasing.
  package var movingFrames = 0
  package var isolatedFrames = 0
  /// Nil where it was not looked for.
  package var pinnedFrames: Int?
  /// Frames whose memory the region's file holds.
  package var filledFrames = 0
  package var lastFailure: BlockFailure?
  /// Going offline: when it is given up.
  package var deadline = Instant.never
  /// Who pins frames of it, the most first, and when the last of these leases is over, where that
  /// was looked for.
  package var holders: [PinHolder] = []
  package var pinnedUntil: Instant?

  init(block: Int) { self.block = block }

  /// Going offline: what has still to leave it.
  package var leftFrames: Int { reservedFrames + deviceFrames + movingFrames }
}

package struct OfflinePlan: Equatable, Sendable {
  package var status: BlockStatus
  /// Frames that get one of another block, and those that are evicted.
  package var movedFrames = 0
  package var evictedFrames = 0
  /// Of these, pinned ones that have to be waited for: all that do not move without a copy may be.
  package var delayedFrames = 0
}

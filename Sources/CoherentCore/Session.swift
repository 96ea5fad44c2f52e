// One client's connection, as the core sees it: its arena, its pins and the requests of it that
// wait. It ends in two steps: `isEnding` (nothing is granted any more), then gone (everything it
// held was given back).

import CoherentWire

struct Session {
  let id: SessionID
  let process: UInt32
  /// To whose share everything of it is charged.
  let user: UserID
  var isAttached = false
  var isEnding = false
  /// How far the release of an ending session has come, in frames of its arena.
  var releaseCursor = 0
  /// The same of its reservations, which are free without any call.
  var reservationCursor = 0
  /// Frames on their way out of it that do not come for now, since its client holds them up.
  var strandedFrames = 0
  var arena: Arena
  var pins: SlotTable<Pin>
  /// Slots whose last pin ended by its deadline.
  var expiredPinSlots: Set<Int> = []
  /// As many control words it has.
  let allocationsAtMost: Int
  /// Allocations that were freed and not given back yet.
  var dyingAllocations = 0
  var dyingFrames = 0
  /// Requests refused in a row because too many were under way.
  var refusedInRow = 0
  /// Control words that are lent out, and those among them that an eviction waits for.
  var lentWords = 0
  var closingWords = 0
  /// Waiting requests, by identifier.
  var waiters: [UInt64] = []
  /// The frame after the last one that a fault asked for, and how many were filled at once.
  var nextSequentialFrame = -1
  var sequentialFrames = 1
  /// An access to what is not allocated was poisoned: page-table entries of ranges allocated later
  /// must be reset before use.
  var wasPoisoned = false
  /// Frames whose only copy could not be read: an access fails, until they are freed or discarded.
  var lostFrames: Set<Int> = []
  /// A copy of it failed: until then no new job is begun for it, so that failures cannot spin.
  /// Its faults are answered all the same.
  var pausedUntil: Instant?
  var isPaused: Bool { pausedUntil != nil }
  var counters = SessionCounters()

  init(id: SessionID, process: UInt32, user: UserID, configuration: CoreConfiguration) {
    self.id = id
    self.process = process
    self.user = user
    allocationsAtMost = configuration.maximumAllocationsPerSession
    arena = Arena(
      frames: configuration.arenaFrames,
      maximumAllocations: configuration.maximumAllocationsPerSession)
    pins = SlotTable(limit: configuration.maximumPinsPerSession)
  }
}

extension Session {
  /// A session as it was, with what it held.
  init(
    id: SessionID, process: UInt32, user: UserID, arena: Arena, pins: SlotTable<Pin>,
    expiredPinSlots: Set<Int>
  ) {
    self.id = id
    self.process = process
    self.user = user
    self.arena = arena
    self.pins = pins
    self.expiredPinSlots = expiredPinSlots
    allocationsAtMost = arena.allocations.limit
    isAttached = true
    // Nobody knows any more: who allocates resets what it is given.
    wasPoisoned = true
  }
}

package struct SessionCounters: Equatable, Sendable {
  package internal(set) var faults: UInt64 = 0
  package internal(set) var evictedFrames: UInt64 = 0
  package internal(set) var restoredFrames: UInt64 = 0
  package init() {}
}

/// What happened since the daemon began.
package struct Counters: Equatable, Sendable {
  package internal(set) var faults: UInt64 = 0
  package internal(set) var evictedFrames: UInt64 = 0
  package internal(set) var restoredFrames: UInt64 = 0
  /// Frames whose contents are gone: a copy that cannot be read, a session whose records are
  /// damaged while it has evicted data, data that a stop could not hand back. Anything but 0 is a
  /// bug, broken memory, or a host that had no memory left at the stop.
  package internal(set) var lostFrames: UInt64 = 0
  package internal(set) var refusedRequests: UInt64 = 0
  /// Those of them for which the user's share was taken, though the table was not full.
  package internal(set) var refusedByShare: UInt64 = 0
  package internal(set) var expiredLeases: UInt64 = 0
  package init() {}
}

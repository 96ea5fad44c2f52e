// What the administrator decided, in the core's own units: frames, counts and milliseconds. The
// daemon makes it from the configuration file, a test by hand. The core never changes it;
// `reconfigure` brings another.

package struct CoreConfiguration: Equatable, Sendable {
  package var frameBytes: UInt64 = 65536
  /// Frames of the blocks that are online from the start, together.
  package var onlineFrames: Int = 4096
  /// Frames of one block; nil for a region that is one block, and stays it.
  package var blockFrames: Int?
  /// What memory the blocks are made of that are online from the start.
  package var startingKind = MemoryKind.unbound
  /// How many blocks the region can have.
  package var maximumBlocks: Int = 1
  /// Only restores may take the last `minimumFrames` frames that are free.
  package var minimumFrames: Int = 0
  /// Below `lowFrames` free, eviction runs in the background until `highFrames` are free.
  package var lowFrames: Int = 0
  package var highFrames: Int = 0
  /// What the three follow when blocks come and go; nil: they are as they were at the start, unless
  /// the device gets too small for them.
  package var watermarks: Watermarks?
  /// The longest run of frames that is evicted or restored in one go.
  package var runFrames: Int = 32
  /// No: what was admitted is never evicted, and allocation fails when the device is full.
  package var oversubscribe: Bool = true
  /// Room for evicted frames; each admitted frame reserves its own.
  package var hostLimitFrames: Int = 1 << 20
  /// Address range of one arena.
  package var arenaFrames: Int = 1 << 20
  package var defaultLeaseMilliseconds: UInt32 = 100
  package var maximumLeaseMilliseconds: UInt32 = 10_000
  package var maximumTimeoutMilliseconds: UInt32 = 60_000
  package var maximumSessions: Int = 256
  package var maximumAllocations: Int = 1_000_000
  package var maximumAllocationsPerSession: Int = 200_000
  package var maximumPinsPerSession: Int = 4096
  package var maximumRequestsInFlight: Int = 64
  package var maximumWaiters: Int = 1024
  /// How much one user may have of the sessions, of the allocations, of the host's promises and of
  /// the waiting requests, in percent; 100 keeps no reserve for others.
  package var userSharePercent: Int = 100

  /// Frames that one event works on, at most, for a request that concerns more.
  package var framesPerEvent: Int = 4096

  /// Whether what has to outlive the daemon is noted.
  package var keepsLedger: Bool = false

  package init() {}

  var startingBlocks: Int { blockFrames.map { onlineFrames / $0 } ?? 1 }

  /// What an allocation may never take: without oversubscription nothing is ever restored.
  var reserveFrames: Int { oversubscribe ? minimumFrames : 0 }
}

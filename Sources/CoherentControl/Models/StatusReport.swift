// What the daemon says of itself and of the device as a whole, taken at one moment. These
// properties are the fields of `Status` in the interface and the keys of `coherentctl status
// --json`; one cannot be renamed without breaking a script.
//
//   free + reserved + device + evicting + restoring + releasing + isolated == online <= capacity

package struct StatusReport: Equatable, Sendable {
  package var version = ""
  package var process: Int32 = 0
  package var uptimeMilliseconds: UInt64 = 0
  package var state = ReportState.running

  package var capacityBytes: UInt64 = 0
  package var onlineBytes: UInt64 = 0
  package var freeBytes: UInt64 = 0
  package var reservedBytes: UInt64 = 0
  package var deviceBytes: UInt64 = 0
  package var evictingBytes: UInt64 = 0
  package var restoringBytes: UInt64 = 0
  package var releasingBytes: UInt64 = 0
  /// Device memory of sessions that are over, whose clients keep it from coming back.
  package var withheldBytes: UInt64 = 0
  /// Free in a block that is going offline: not given out any more.
  package var isolatedBytes: UInt64 = 0

  package var hostBytes: UInt64 = 0
  package var storedBytes: UInt64 = 0
  package var pinnedBytes: UInt64 = 0
  package var hostLimitBytes: UInt64 = 0
  package var hostReservedBytes: UInt64 = 0
  /// What all memory files hold by the daemon's own books.
  package var committedBytes: UInt64 = 0
  /// The same by the kernel's count (st_blocks), when it was asked last, and what of it none of a
  /// session's allocations accounts for.
  package var kernelCommittedBytes: UInt64 = 0
  package var unaccountedBytes: UInt64 = 0

  package var frameBytes: UInt64 = 0
  package var blockBytes: UInt64 = 0
  /// Memory blocks that are known; each is in one of the three states.
  package var blocks: UInt64 = 0
  package var blocksOnline: UInt64 = 0
  package var blocksOffline: UInt64 = 0
  package var blocksGoingOffline: UInt64 = 0
  package var watermarkMinimumBytes: UInt64 = 0
  package var watermarkLowBytes: UInt64 = 0
  package var watermarkHighBytes: UInt64 = 0
  package var isUnderPressure = false

  package var sessions: UInt64 = 0
  package var allocations: UInt64 = 0
  package var pins: UInt64 = 0
  package var waiters: UInt64 = 0
  /// Of descriptors, connections and memory of clients that are being closed, or wait for it.
  package var closings: UInt64 = 0
  /// How many users have anything.
  package var users: UInt64 = 0

  // Counters, since the daemon started.
  package var faults: UInt64 = 0
  package var evictedFrames: UInt64 = 0
  package var restoredFrames: UInt64 = 0
  package var lostFrames: UInt64 = 0
  package var refusedRequests: UInt64 = 0
  /// Those of them, and connections that were closed, for which only the user's share was taken.
  package var refusedByShare: UInt64 = 0
  package var misbehavedClients: UInt64 = 0
  /// Lines of the log that nobody took in time.
  package var droppedLogLines: UInt64 = 0
  /// The time in which at least one session waited for the device.
  package var stallMicroseconds: UInt64 = 0

  /// How many daemons there were since the region was made, this one included; 0 where nothing
  /// outlives a daemon.
  package var generation: UInt64 = 0
  /// How many descriptors the supervisor should keep for the next one.
  package var storedDescriptorsExpected: UInt64 = 0

  package init() {}
}

extension StatusReport: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case version
    case process = "pid"
    case uptimeMilliseconds = "uptime_ms"
    case state
    case capacityBytes = "capacity_bytes"
    case onlineBytes = "online_bytes"
    case freeBytes = "free_bytes"
    case reservedBytes = "reserved_bytes"
    case deviceBytes = "device_bytes"
    case evictingBytes = "evicting_bytes"
    case restoringBytes = "restoring_bytes"
    case releasingBytes = "releasing_bytes"
    case withheldBytes = "withheld_bytes"
    case isolatedBytes = "isolated_bytes"
    case hostBytes = "host_bytes"
    case storedBytes = "stored_bytes"
    case pinnedBytes = "pinned_bytes"
    case hostLimitBytes = "host_limit_bytes"
    case hostReservedBytes = "host_reserved_bytes"
    case committedBytes = "committed_bytes"
    case kernelCommittedBytes = "kernel_committed_bytes"
    case unaccountedBytes = "unaccounted_bytes"
    case frameBytes = "frame_bytes"
    case blockBytes = "block_bytes"
    case blocks
    case blocksOnline = "blocks_online"
    case blocksOffline = "blocks_offline"
    case blocksGoingOffline = "blocks_going_offline"
    case watermarkMinimumBytes = "watermark_min_bytes"
    case watermarkLowBytes = "watermark_low_bytes"
    case watermarkHighBytes = "watermark_high_bytes"
    case isUnderPressure = "pressure"
    case sessions
    case allocations
    case pins
    case waiters
    case closings
    case users
    case faults
    case evictedFrames = "evicted_frames"
    case restoredFrames = "restored_frames"
    case lostFrames = "lost_frames"
    case refusedRequests = "refused_requests"
    case refusedByShare = "refused_by_share"
    case misbehavedClients = "misbehaved_clients"
    case droppedLogLines = "dropped_log_lines"
    case stallMicroseconds = "stall_us"
    case generation
    case storedDescriptorsExpected = "stored_descriptors_expected"
  }
}

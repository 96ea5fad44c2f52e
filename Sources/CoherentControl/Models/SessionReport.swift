// One session as the administrator sees it: who it is and what it holds. These properties are the
// fields of `Session` in the interface and the keys of `coherentctl sessions --json`.
import CoherentWire

package struct SessionReport: Equatable, Sendable {
  package var session: SessionID
  package var process: Int32 = 0
  package var user: UInt32 = 0
  /// The systemd unit that the process's cgroup names; nil outside every unit.
  package var unit: String?
  /// The process's name as the kernel has it; at most 15 bytes, and the client chooses it.
  package var command = ""
  package var state = ReportState.active
  package var arenaBytes: UInt64 = 0
  package var allocations: UInt64 = 0
  package var reservedBytes: UInt64 = 0
  package var deviceBytes: UInt64 = 0
  package var hostBytes: UInt64 = 0
  package var storedBytes: UInt64 = 0
  package var pinnedBytes: UInt64 = 0
  /// Device memory that it holds although it is over, because its client keeps it from coming back.
  package var withheldBytes: UInt64 = 0
  /// What its memory file held by the kernel's count when it was looked at last, and what of that
  /// its allocations do not account for.
  package var kernelCommittedBytes: UInt64 = 0
  package var unaccountedBytes: UInt64 = 0
  package var faults: UInt64 = 0
  package var evictedFrames: UInt64 = 0
  package var restoredFrames: UInt64 = 0
  /// How long its threads and requests waited for the device, all of them together.
  package var stallMicroseconds: UInt64 = 0
  package var ageMilliseconds: UInt64 = 0

  package init(session: SessionID) { self.session = session }
}

extension SessionReport: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case session
    case process = "pid"
    case user = "uid"
    case unit
    case command = "comm"
    case state
    case arenaBytes = "arena_bytes"
    case allocations
    case reservedBytes = "reserved_bytes"
    case deviceBytes = "device_bytes"
    case hostBytes = "host_bytes"
    case storedBytes = "stored_bytes"
    case pinnedBytes = "pinned_bytes"
    case withheldBytes = "withheld_bytes"
    case kernelCommittedBytes = "kernel_committed_bytes"
    case unaccountedBytes = "unaccounted_bytes"
    case faults
    case evictedFrames = "evicted_frames"
    case restoredFrames = "restored_frames"
    case stallMicroseconds = "stall_us"
    case ageMilliseconds = "age_ms"
  }
}

extension KeyedEncodingContainer<SessionReport.CodingKeys> {
  /// A session without a unit has `"unit": null`, so that every row has the same keys. The
  /// synthesised encoding, which would leave the key out, calls this one instead.
  mutating func encodeIfPresent(_ value: String?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
  }
}

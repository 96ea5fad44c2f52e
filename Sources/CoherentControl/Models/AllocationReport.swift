// One allocation as the administrator sees it: whose it is, and where its bytes live. These
// properties are the fields of `Allocation` in the interface and the keys of `coherentctl
// allocations --json`.
//
//   untouched + device + host + stored == size    (a frame on its way counts where it comes from)
import CoherentWire

package struct AllocationReport: Equatable, Sendable {
  package var allocation: HandleID
  package var session: SessionID
  package var process: Int32 = 0
  package var offsetBytes: UInt64 = 0
  package var sizeBytes: UInt64 = 0
  package var priority: UInt8 = 0
  package var untouchedBytes: UInt64 = 0
  package var deviceBytes: UInt64 = 0
  package var hostBytes: UInt64 = 0
  package var storedBytes: UInt64 = 0
  package var pinnedBytes: UInt64 = 0

  package init(allocation: HandleID, session: SessionID) {
    self.allocation = allocation
    self.session = session
  }
}

extension AllocationReport: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case allocation
    case session
    case process = "pid"
    case offsetBytes = "offset_bytes"
    case sizeBytes = "size_bytes"
    case priority
    case untouchedBytes = "untouched_bytes"
    case deviceBytes = "device_bytes"
    case hostBytes = "host_bytes"
    case storedBytes = "stored_bytes"
    case pinnedBytes = "pinned_bytes"
  }
}

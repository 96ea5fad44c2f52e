// What taking a block offline would do, said before it is done. These properties are the fields of
// `OfflinePlan` in the interface.

package struct OfflinePlanReport: Equatable, Sendable {
  package var block: Int
  package var state = BlockState.online
  /// Needs nothing.
  package var freeBytes: UInt64 = 0
  /// Moves to other blocks.
  package var movedBytes: UInt64 = 0
  /// Goes to the host stores.
  package var evictedBytes: UInt64 = 0
  /// Waits for pins first.
  package var pinnedBytes: UInt64 = 0
  package var holders: [PinHolderReport] = []
  /// At the latest then, from now, every lease is over; nil where nobody pins.
  package var pinnedUntilMilliseconds: UInt64?
  /// By then it is offline, or online again.
  package var boundMilliseconds: UInt64 = 0
  /// A sentence: why it would be refused now; nil if it would not.
  package var refusal: String?

  package init(block: Int) { self.block = block }
}

extension OfflinePlanReport: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case block
    case state
    case freeBytes = "free_bytes"
    case movedBytes = "moved_bytes"
    case evictedBytes = "evicted_bytes"
    case pinnedBytes = "pinned_bytes"
    case holders
    case pinnedUntilMilliseconds = "pinned_until_ms"
    case boundMilliseconds = "bound_ms"
    case refusal
  }
}

extension KeyedEncodingContainer<OfflinePlanReport.CodingKeys> {
  /// What is absent is null, so that every plan has the same keys.
  mutating func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
  }

  mutating func encodeIfPresent(_ value: String?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
  }
}

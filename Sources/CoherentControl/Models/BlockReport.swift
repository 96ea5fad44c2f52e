// One memory block as the administrator sees it: the unit of hot-plug, its state, and what still
// lies in it. These properties are the fields of `Block` in the interface and the keys of
// `coherentctl block list --json`.
//
//   online or going-offline: free + reserved + device + moving + isolated == size

package struct BlockReport: Equatable, Sendable {
  package var block: Int
  package var state = BlockState.offline
  /// The NUMA node that it is bound to; nil if to none.
  package var node: Int?
  package var sizeBytes: UInt64 = 0
  package var freeBytes: UInt64 = 0
  package var reservedBytes: UInt64 = 0
  package var deviceBytes: UInt64 = 0
  /// Of frames on their way: evicting, restoring or releasing.
  package var movingBytes: UInt64 = 0
  /// Free, and not given out any more, because the block is going offline.
  package var isolatedBytes: UInt64 = 0
  /// Of these, under a pin; nil where it was not looked for.
  package var pinnedBytes: UInt64?
  /// Going offline: what has still to leave it.
  package var leftBytes: UInt64 = 0
  /// Who pins most of it, the most first.
  package var holders: [PinHolderReport] = []
  /// When the leases of those are over at the latest, from now.
  package var pinnedUntilMilliseconds: UInt64?
  /// Going offline: when the daemon gives up, and puts it back online.
  package var remainingMilliseconds: UInt64?
  /// How the last try to take it offline ended, if it did not succeed.
  package var lastFailure: BlockFailure?
  /// Bound to a node: pages that were looked at last, and those that lie on another node.
  package var checkedPages: UInt64?
  package var misplacedPages: UInt64?

  package init(block: Int) { self.block = block }
}

extension BlockReport: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case block
    case state
    case node
    case sizeBytes = "size_bytes"
    case freeBytes = "free_bytes"
    case reservedBytes = "reserved_bytes"
    case deviceBytes = "device_bytes"
    case movingBytes = "moving_bytes"
    case isolatedBytes = "isolated_bytes"
    case pinnedBytes = "pinned_bytes"
    case leftBytes = "left_bytes"
    case holders
    case pinnedUntilMilliseconds = "pinned_until_ms"
    case remainingMilliseconds = "remaining_ms"
    case lastFailure = "last_failure"
    case checkedPages = "checked_pages"
    case misplacedPages = "misplaced_pages"
  }
}

extension KeyedEncodingContainer<BlockReport.CodingKeys> {
  /// What is absent is null, so that every row has the same keys.
  mutating func encodeIfPresent(_ value: Int?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
  }

  mutating func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
  }

  mutating func encodeIfPresent(_ value: BlockFailure?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
  }
}

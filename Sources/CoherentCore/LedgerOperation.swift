// What has to outlive the daemon, as values: where the valid copy of each frame is, which
// allocations and pins there are. Whoever drives the core writes each operation down, in order and
// under the same lock, before any effect of the same event is performed; so what a client was told
// is always written already, and `Core.recovered` makes the same core of it again.

import CoherentWire

package enum LedgerOperation: Equatable, Sendable {
  /// Frames of the session's arena came to rest.
  case place(SessionID, Range<Int>, FrameRecord)
  case allocation(SessionID, slot: Int, AllocationRecord)
  case pin(SessionID, slot: Int, PinRecord)
  /// A memory block is in another state, or has another bound.
  case block(Int, BlockRecord)
}

package struct BlockRecord: Equatable, Sendable {
  package var state: BlockState
  package var kind: MemoryKind
  /// Of a block that is going offline: when it is given up.
  package var deadline: Instant

  package init(state: BlockState, kind: MemoryKind, deadline: Instant = .never) {
    self.state = state
    self.kind = kind
    self.deadline = deadline
  }
}

/// A frame at rest, in one byte: the low half says where its bytes are, the highest three bits of
/// one on the device what kind of memory that is.
package struct FrameRecord: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Reads as zero; a device frame is reserved.
  package static let untouched = FrameRecord(rawValue: 0)
  package static let device = FrameRecord(rawValue: 1)
  package static let host = FrameRecord(rawValue: 2)
  /// The copy in the host store is the valid one.
  package static let stored = FrameRecord(rawValue: 3)
  /// Reads as zero; nothing is reserved on the device.
  package static let zero = FrameRecord(rawValue: 4)

  private static let keptBit: UInt8 = 16
  private static let placeMask: UInt8 = 15
  private static let kindShift: UInt8 = 5

  /// On the device, in memory of that kind.
  package static func device(_ kind: MemoryKind) -> FrameRecord {
    FrameRecord(rawValue: device.rawValue | kind.rawValue << kindShift)
  }

  /// The place alone.
  package var place: FrameRecord { FrameRecord(rawValue: rawValue & Self.placeMask) }
  package var kind: MemoryKind { MemoryKind(rawValue: rawValue >> Self.kindShift) }
  /// Its owner moved it to host memory: that is where it is restored to.
  package var isKeptInHost: Bool { rawValue & Self.keptBit != 0 }
  package var keptInHost: FrameRecord { FrameRecord(rawValue: rawValue | Self.keptBit) }
  package var isValid: Bool { place.rawValue <= 4 && (place == .device || kind == .unbound) }
}

/// What is known of a slot's holder, or of its last one.
package enum RecordState: UInt8, Sendable {
  case live = 1
  case gone = 2
  /// Of a pin: it ended by its deadline.
  case expired = 3
}

package struct AllocationRecord: Equatable, Sendable {
  package var state: RecordState
  /// The handle: the slot in the low half, its generation in the high one.
  package var identifier: UInt64
  package var first: UInt32
  package var count: UInt32
  package var priority: UInt8
  /// The number of the request that it was made for.
  package var createdBy: UInt64

  package init(
    state: RecordState, identifier: UInt64, first: UInt32, count: UInt32, priority: UInt8,
    createdBy: UInt64
  ) {
    self.state = state
    self.identifier = identifier
    self.first = first
    self.count = count
    self.priority = priority
    self.createdBy = createdBy
  }

  package var range: Range<Int> { Int(first)..<Int(first) + Int(count) }
}

package struct PinRecord: Equatable, Sendable {
  package var state: RecordState
  package var identifier: UInt64
  package var allocation: UInt64
  package var first: UInt32
  package var count: UInt32
  package var grantedAt: Instant
  package var deadline: Instant
  package var isLongTerm: Bool
  package var createdBy: UInt64
  /// The pin that had its slot before ended by its deadline, and its holder was not told yet.
  package var followsExpired: Bool

  package init(
    state: RecordState, identifier: UInt64, allocation: UInt64, first: UInt32, count: UInt32,
    grantedAt: Instant, deadline: Instant, isLongTerm: Bool, createdBy: UInt64,
    followsExpired: Bool = false
  ) {
    self.followsExpired = followsExpired
    self.state = state
    self.identifier = identifier
    self.allocation = allocation
    self.first = first
    self.count = count
    self.grantedAt = grantedAt
    self.deadline = deadline
    self.isLongTerm = isLongTerm
    self.createdBy = createdBy
  }

  package var range: Range<Int> { Int(first)..<Int(first) + Int(count) }
}

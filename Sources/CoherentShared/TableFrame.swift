// Where the bytes of a frame are while nobody works on it, in one byte:
//
//   7      5  4      3       0
//   | kind  | kept | place    |
//
// The kind says which memory of the device it is, and is 0 of a frame that is not there.
// While a frame is on its way the byte says where the valid copy is: of one that is evicted the old
// place until its copy is complete, then `stored`; of one that is restored `stored` until the arena
// holds it.

package struct TableFrame: Hashable, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Reads as zero; device memory is reserved for it.
  package static let untouched = TableFrame(rawValue: 0)
  /// In the arena, charged to the device.
  package static let device = TableFrame(rawValue: 1)
  /// In the arena, charged to the host.
  package static let host = TableFrame(rawValue: 2)
  /// In the host store; what the arena holds is out of date.
  package static let stored = TableFrame(rawValue: 3)
  /// Reads as zero; nothing is reserved for it.
  package static let zero = TableFrame(rawValue: 4)

  package static let keptBit: UInt8 = 1 << 4
  package static let placeMask: UInt8 = 15

  package var place: TableFrame { TableFrame(rawValue: rawValue & Self.placeMask) }

  /// Its owner moved it to host memory.
  package var isKeptInHost: Bool { rawValue & Self.keptBit != 0 }

  /// The same place, kept as `other` is.
  package func kept(as other: TableFrame) -> TableFrame {
    TableFrame(rawValue: place.rawValue | other.rawValue & Self.keptBit)
  }

  package var isValid: Bool {
    place.rawValue <= Self.zero.rawValue && (place == .device || rawValue >> 5 == 0)
  }

  /// Whether the arena holds its bytes.
  package var isResident: Bool { place == .device || place == .host }
}

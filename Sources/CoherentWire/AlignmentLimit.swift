// The largest alignment that an allocation can be asked for. Half the arena, so that it can be met,
// and no more than a gigabyte, the largest page that processors have. The daemon keeps it for
// offsets in the arena; a client that wants it for addresses maps its arena so aligned.

package enum AlignmentLimit {
  package static let maximumBytes: UInt64 = 1 << 30

  /// A power of two, or half an arena that is none.
  package static func bytes(arenaBytes: UInt64) -> UInt64 { min(arenaBytes / 2, maximumBytes) }

  /// The largest power of two in it: what an arena is mapped at a multiple of.
  package static func powerOfTwo(arenaBytes: UInt64) -> UInt64 {
    let limit = bytes(arenaBytes: arenaBytes)
    return limit == 0 ? 1 : 1 << UInt64(63 - limit.leadingZeroBitCount)
  }
}

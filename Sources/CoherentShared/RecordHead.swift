// The first word of every record that outlives the daemon. It is one atomic store, and it checks
// itself; so however the daemon died, a record is what it was before or what it became:
//
//   63         32 31      16 15      8 7       0
//   | generation | check    | detail  | state  |
//
// The rest of a record is written before it and has a checksum of its own, which covers the
// generation. Law: a record that a daemon died over still has the head of the one before it, which
// was not live; and the rest of a record is read only where the head says that it is live.

package struct RecordHead: Equatable, Sendable {
  package enum State: UInt8, Sendable {
    case live = 1
    /// The slot's last holder has ended.
    case gone = 2
    /// It has ended by its deadline.
    case expired = 3
  }

  package var state: State
  package var detail: UInt8 = 0
  /// Tells the holders of one slot apart.
  package var generation: UInt32

  package init(state: State, detail: UInt8 = 0, generation: UInt32) {
    self.state = state
    self.detail = detail
    self.generation = generation
  }

  /// What stands for a slot that nobody ever held: zeros, as the file begins.
  static let neverUsed: UInt64 = 0

  /// The word of a slot.
  func word(slot: Int) -> UInt64 {
    UInt64(generation) << 32 | UInt64(check(slot)) << 16 | UInt64(detail) << 8
      | UInt64(state.rawValue)
  }

  /// Reads the word of a slot; nil if no daemon wrote it there.
  init?(word: UInt64, slot: Int) {
    guard let state = State(rawValue: UInt8(truncatingIfNeeded: word)) else { return nil }
    self.init(
      state: state, detail: UInt8(truncatingIfNeeded: word >> 8),
      generation: UInt32(truncatingIfNeeded: word >> 32))
    guard check(slot) == UInt16(truncatingIfNeeded: word >> 16) else { return nil }
  }

  private func check(_ slot: Int) -> UInt16 {
    var checksum = RecordChecksum()
    checksum.add(UInt64(slot))
    checksum.add(UInt64(generation) << 16 | UInt64(detail) << 8 | UInt64(state.rawValue))
    return checksum.folded
  }
}

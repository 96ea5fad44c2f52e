// A memory block as the ledger knows it. All but the deadline lies in one word that checks itself, so
// that a block is what it was or what it became, however the daemon died; the deadline is written
// before it, and means something only of a block that is going offline.

package struct LedgerBlock: Equatable, Sendable {
  /// As the core numbers states: 0 is a block that is not there.
  package var state: UInt8
  package var kind: UInt8
  /// The NUMA node that the kind is bound to; nil if it is bound to none.
  package var node: UInt16?
  /// By the clock CLOCK_MONOTONIC.
  package var deadlineNanoseconds: UInt64

  package init(state: UInt8, kind: UInt8, node: UInt16?, deadlineNanoseconds: UInt64) {
    self.state = state
    self.kind = kind
    self.node = node
    self.deadlineNanoseconds = deadlineNanoseconds
  }

  static let absent = LedgerBlock(state: 0, kind: 0, node: nil, deadlineNanoseconds: .max)
  static let wordsPerRecord = 2
  private static let largestState: UInt8 = 3
  private static let largestKind: UInt8 = 7

  var head: RecordHead {
    RecordHead(
      state: .live, detail: state | kind << 4, generation: node.map { UInt32($0) + 1 } ?? 0)
  }

  /// Nil if no daemon wrote it so.
  init?(_ head: RecordHead, deadlineNanoseconds: UInt64) {
    guard head.state == .live, head.generation <= UInt32(UInt16.max) + 1 else { return nil }
    self.init(
      state: head.detail & 15, kind: head.detail >> 4,
      node: head.generation == 0 ? nil : UInt16(head.generation - 1),
      deadlineNanoseconds: deadlineNanoseconds)
    guard state <= Self.largestState, kind <= Self.largestKind else { return nil }
  }
}

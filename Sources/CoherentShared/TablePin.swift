// A pin in its session's table, or the last one that a slot held.

package struct TablePin: Equatable, Sendable {
  package var state: RecordHead.State
  package var generation: UInt32
  /// In host memory, without a deadline.
  package var isLongTerm = false
  /// In frames of the arena; like everything below, only of a live one.
  package var first: UInt32 = 0
  package var count: UInt32 = 0
  /// The handle of the allocation that it lies in.
  package var allocation: UInt64 = 0
  /// By the clock CLOCK_MONOTONIC, which goes on when the daemon does not.
  package var grantedAtNanoseconds: UInt64 = 0
  package var deadlineNanoseconds: UInt64 = 0
  /// The number of the request that it was granted to.
  package var createdBy: UInt64 = 0

  package init(state: RecordHead.State, generation: UInt32) {
    self.state = state
    self.generation = generation
  }

  package var range: Range<Int> { Int(first)..<Int(first) + Int(count) }

  static let wordsPerRecord = 8

  var head: RecordHead {
    RecordHead(state: state, detail: isLongTerm ? 1 : 0, generation: generation)
  }

  var body: [UInt64] {
    [
      UInt64(count) << 32 | UInt64(first), allocation, grantedAtNanoseconds, deadlineNanoseconds,
      createdBy, 0,
    ]
  }

  init(_ head: RecordHead, body: [UInt64]) {
    self.init(state: head.state, generation: head.generation)
    isLongTerm = head.detail == 1
    first = UInt32(truncatingIfNeeded: body[0])
    count = UInt32(truncatingIfNeeded: body[0] >> 32)
    allocation = body[1]
    grantedAtNanoseconds = body[2]
    deadlineNanoseconds = body[3]
    createdBy = body[4]
  }
}

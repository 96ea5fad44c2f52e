// An allocation in its session's table, or the last one that a slot held.

package struct TableAllocation: Equatable, Sendable {
  package var state: RecordHead.State
  package var generation: UInt32
  package var priority: UInt8 = 0
  /// In frames of the arena; like everything below, only of a live one.
  package var first: UInt32 = 0
  package var count: UInt32 = 0
  /// The number of the request that it was made for.
  package var createdBy: UInt64 = 0

  package init(state: RecordHead.State, generation: UInt32) {
    self.state = state
    self.generation = generation
  }

  package var range: Range<Int> { Int(first)..<Int(first) + Int(count) }

  static let wordsPerRecord = 4

  var head: RecordHead {
    RecordHead(state: state, detail: priority, generation: generation)
  }

  var body: [UInt64] { [UInt64(count) << 32 | UInt64(first), createdBy] }

  init(_ head: RecordHead, body: [UInt64]) {
    self.init(state: head.state, generation: head.generation)
    priority = head.detail
    first = UInt32(truncatingIfNeeded: body[0])
    count = UInt32(truncatingIfNeeded: body[0] >> 32)
    createdBy = body[1]
  }
}

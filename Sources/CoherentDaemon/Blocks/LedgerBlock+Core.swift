// From a block as the ledger has it to the core's words, and back.

import CoherentCore
import CoherentShared

extension LedgerBlock {
  init(_ record: BlockRecord, node: UInt16?) {
    self.init(
      state: record.state.rawValue, kind: record.kind.rawValue, node: node,
      deadlineNanoseconds: record.deadline.nanoseconds)
  }
}

extension BlockRecord {
  init(_ block: LedgerBlock) {
    let state = BlockState(rawValue: block.state) ?? .absent
    // What the ledger has of another block is the bound of an earlier leaving.
    let deadline = state == .goingOffline ? block.deadlineNanoseconds : .max
    self.init(
      state: state, kind: MemoryKind(rawValue: block.kind),
      deadline: Instant(nanoseconds: deadline))
  }
}

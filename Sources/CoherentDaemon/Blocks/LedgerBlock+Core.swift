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
    self.init(
      state: BlockState(rawValue: block.state) ?? .absent,
      kind: MemoryKind(rawValue: block.kind),
      deadline: Instant(nanoseconds: block.deadlineNanoseconds))
  }
}

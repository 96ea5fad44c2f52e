// From a block as the ledger has it to the core's words, and back; and the words for people.

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

extension BlockState {
  /// As the kernel's memory hotplug calls it.
  var word: String {
    switch self {
    case .absent: "absent"
    case .offline: "offline"
    case .online: "online"
    case .goingOffline: "going-offline"
    }
  }
}

// From a session's table to what the core makes a session of, and back: the same facts in the words
// of the two modules.

import CoherentCore
import CoherentShared
import CoherentSystem
import CoherentWire

extension RecoveredSession {
  /// Reads a session's table and its control words. Throws what is damaged in the table.
  init(
    id: SessionID, process: UInt32, user: UserID, _ memory: SessionMemory
  ) throws(TableFault) {
    self.init(id: id, process: process, user: user)
    let contents = try memory.table.contents()
    frames = contents.frames.map { FrameRecord(rawValue: $0.rawValue) }
    allocations = contents.allocations.enumerated().map { AllocationRecord($1, slot: $0) }
    pins = contents.pins.enumerated().map { PinRecord($1, slot: $0) }
    allocationSlots = memory.table.layout.allocationSlots
    for slot in contents.allocations.indices {
      let word = memory.words.peek(slot: ControlSlot(rawValue: UInt32(slot)))
      if word.isEvicting {
        closingWords.append(slot)
      } else if word.isResident {
        openWords.append(slot)
      }
    }
  }
}

extension AllocationRecord {
  fileprivate init(_ record: TableAllocation, slot: Int) {
    self.init(
      state: RecordState(record.state), identifier: UInt64(record.generation) << 32 | UInt64(slot),
      first: record.first, count: record.count, priority: record.priority,
      createdBy: record.createdBy)
  }
}

extension PinRecord {
  fileprivate init(_ record: TablePin, slot: Int) {
    self.init(
      state: RecordState(record.state), identifier: UInt64(record.generation) << 32 | UInt64(slot),
      allocation: record.allocation, first: record.first, count: record.count,
      grantedAt: Instant(nanoseconds: record.grantedAtNanoseconds),
      deadline: Instant(nanoseconds: record.deadlineNanoseconds), isLongTerm: record.isLongTerm,
      createdBy: record.createdBy)
  }
}

extension RecordState {
  fileprivate init(_ state: RecordHead.State) {
    switch state {
    case .live: self = .live
    case .gone: self = .gone
    case .expired: self = .expired
    }
  }
}

extension RecordHead.State {
  fileprivate init(_ state: RecordState) {
    switch state {
    case .live: self = .live
    case .gone: self = .gone
    case .expired: self = .expired
    }
  }
}

extension SessionTable {
  /// Writes down what the core decided.
  func note(_ operation: LedgerOperation) {
    switch operation {
    case .place(_, let frames, let record):
      note(frames, TableFrame(rawValue: record.rawValue))
    case .allocation(_, let slot, let record):
      var entry = TableAllocation(
        state: RecordHead.State(record.state),
        generation: UInt32(truncatingIfNeeded: record.identifier >> 32))
      entry.priority = record.priority
      entry.first = record.first
      entry.count = record.count
      entry.createdBy = record.createdBy
      note(allocation: slot, entry)
    case .pin(_, let slot, let record):
      var entry = TablePin(
        state: RecordHead.State(record.state),
        generation: UInt32(truncatingIfNeeded: record.identifier >> 32))
      entry.isLongTerm = record.isLongTerm
      entry.first = record.first
      entry.count = record.count
      entry.allocation = record.allocation
      entry.grantedAtNanoseconds = record.grantedAt.nanoseconds
      entry.deadlineNanoseconds = record.deadline.nanoseconds
      entry.createdBy = record.createdBy
      note(pin: slot, entry)
    case .block: invariant(false, "a block stands in the ledger, not in a session's table")
    }
  }
}

extension LedgerOperation {
  /// Whose table it is for; nil if it is for the ledger.
  var session: SessionID? {
    switch self {
    case .place(let session, _, _), .allocation(let session, _, _), .pin(let session, _, _):
      session
    case .block: nil
    }
  }
}

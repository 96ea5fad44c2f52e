// How the core notes what has to outlive the daemon. A frame is noted when it comes to rest; while
// it passes, what was noted before still says where its valid copy is.

import CoherentWire

extension Core {
  /// Takes what was noted since the last call, in order. Empty unless the ledger is kept.
  package mutating func takeLedgerOperations(_ body: (LedgerOperation) -> Void) {
    guard !ledgerOperations.isEmpty else { return }
    for operation in ledgerOperations { body(operation) }
    ledgerOperations.removeAll(keepingCapacity: true)
  }

  mutating func noteFrames(_ slot: Int, _ range: Range<Int>) {
    guard configuration.keepsLedger else { return }
    let id = sessions[slot].id
    for index in range {
      let frame = sessions[slot].arena.frames[index]
      guard let record = frame.record(target(slot, index).kind ?? .unbound) else { continue }
      if case .place(id, let last, record) = ledgerOperations.last, last.upperBound == index {
        ledgerOperations[ledgerOperations.count - 1] =
          .place(id, last.lowerBound..<index + 1, record)
      } else {
        ledgerOperations.append(.place(id, index..<index + 1, record))
      }
    }
  }

  /// The frame's contents are no longer needed, from now on: its memory is punched in two steps,
  /// and no order of them may leave a copy that is named and gone.
  mutating func noteDiscard(_ slot: Int, _ index: Int) {
    guard configuration.keepsLedger else { return }
    let hasDevice = sessions[slot].arena.frames[index].deviceFrame != Frame.none
    ledgerOperations.append(
      .place(sessions[slot].id, index..<index + 1, hasDevice ? .untouched : .zero))
  }

  mutating func noteAllocation(_ slot: Int, _ allocation: Int, _ state: RecordState) {
    guard configuration.keepsLedger else { return }
    let held = sessions[slot].arena.allocations[slot: allocation]
    ledgerOperations.append(
      .allocation(
        sessions[slot].id, slot: allocation,
        AllocationRecord(
          state: state, identifier: sessions[slot].arena.allocations.identifier(slot: allocation),
          first: held.first, count: held.count, priority: held.priority,
          createdBy: held.createdBy)))
  }

  mutating func notePin(_ slot: Int, _ pin: Int, _ state: RecordState) {
    guard configuration.keepsLedger else { return }
    let held = sessions[slot].pins[slot: pin]
    ledgerOperations.append(
      .pin(
        sessions[slot].id, slot: pin,
        PinRecord(
          state: state, identifier: sessions[slot].pins.identifier(slot: pin),
          allocation: held.allocation, first: UInt32(held.first), count: UInt32(held.count),
          grantedAt: held.grantedAt, deadline: held.deadline, isLongTerm: held.isLongTerm,
          createdBy: held.createdBy, followsExpired: held.followsExpired)))
  }

  /// Marks frames as kept in host memory by their owner's will, or as that no longer.
  mutating func keepInHost(_ slot: Int, _ range: Range<Int>, _ isKept: Bool) {
    for index in range {
      if isKept {
        sessions[slot].arena.setFlags(index, .isKeptInHost)
      } else {
        sessions[slot].arena.clearFlags(index, .isKeptInHost)
      }
    }
    noteFrames(slot, range)
  }
}

extension Frame {
  /// The frame as it is noted, with memory of that kind if it is on the device; nil while it passes.
  func record(_ kind: MemoryKind) -> FrameRecord? {
    let place: FrameRecord
    switch self.place {
    case .untouched: place = .untouched
    case .device: place = .device(kind)
    case .host: place = .host
    case .stored: place = flags.contains(.hasCopy) ? .stored : .zero
    case .evicting, .restoring: return nil
    }
    return flags.contains(.isKeptInHost) ? place.keptInHost : place
  }
}

extension Requester {
  /// The number of a client's request; an administrator's makes nothing that is kept.
  var requestNumber: UInt64 {
    if case .client(_, let number) = self { return number.rawValue }
    return 0
  }
}

// Reading a table whose writer is gone, or which somebody else may have written: every word is read
// once, and nothing that does not make sense by itself is handed on. What the records say of each
// other is for the reader to check.

import CoherentSystem
import Synchronization

/// What a table says.
package struct SessionTableContents: Equatable, Sendable {
  /// From frame 0 on, as far as the live allocations reach.
  package var frames: [TableFrame] = []
  /// From slot 0 on, as far as slots were ever used.
  package var allocations: [TableAllocation] = []
  package var pins: [TablePin] = []

  package init() {}
}

extension SessionTable {
  /// Whether what it says of the memory is so, and why not.
  package func standing() throws(TableFault) -> TableStanding {
    // Acquiring: what is read after it was written before it.
    guard let standing = TableStanding(rawValue: standingWord.pointee.load(ordering: .acquiring))
    else { throw .badHeader }
    return standing
  }

  /// Where a frame's bytes are. For who has checked the index, and asks about a frame at a time.
  package func frame(_ index: Int) -> TableFrame {
    invariant(index >= 0 && index < layout.frames, "a frame lies within its arena")
    // Acquiring: what is copied because of it was there before it was written.
    return TableFrame(rawValue: places[index].load(ordering: .acquiring))
  }

  /// Everything that the table says. Slots are used from the lowest up, so one that never was ends
  /// the records. O(frames + slots in use).
  package func contents() throws(TableFault) -> SessionTableContents {
    var contents = SessionTableContents()
    contents.allocations = try readAllocations()
    contents.pins = try readPins()
    let end = contents.allocations.reduce(0) { end, allocation in
      allocation.state == .live ? max(end, allocation.range.upperBound) : end
    }
    contents.frames.reserveCapacity(end)
    for index in 0..<end {
      let frame = frame(index)
      guard frame.isValid else { throw .badFrame(index) }
      contents.frames.append(frame)
    }
    return contents
  }

  private func readAllocations() throws(TableFault) -> [TableAllocation] {
    var records: [TableAllocation] = []
    for slot in 0..<layout.allocationSlots {
      switch allocations.read(slot: slot) {
      case .neverUsed: return records
      case .damaged: throw .badAllocation(slot: slot)
      case .ended(let head):
        guard head.state == .gone else { throw .badAllocation(slot: slot) }
        records.append(TableAllocation(state: head.state, generation: head.generation))
      case .live(let head, let body):
        let record = TableAllocation(head, body: body)
        guard isWithin(record.first, record.count) else { throw .badAllocation(slot: slot) }
        records.append(record)
      }
    }
    return records
  }

  private func readPins() throws(TableFault) -> [TablePin] {
    var records: [TablePin] = []
    for slot in 0..<layout.pinSlots {
      switch pins.read(slot: slot) {
      case .neverUsed: return records
      case .damaged: throw .badPin(slot: slot)
      case .ended(let head):
        records.append(TablePin(state: head.state, generation: head.generation))
      case .live(let head, let body):
        let record = TablePin(head, body: body)
        guard head.detail <= 1, isWithin(record.first, record.count) else {
          throw .badPin(slot: slot)
        }
        records.append(record)
      }
    }
    return records
  }

  private func isWithin(_ first: UInt32, _ count: UInt32) -> Bool {
    count > 0 && UInt64(first) + UInt64(count) <= UInt64(layout.frames)
  }
}

// A table holds up to its limit and finds what it holds. An identifier that is not in use may never
// find anything, least of all its successor in the slot.

import Testing

@testable import CoherentCore

@Suite struct SlotTableTests {
  @Test func anOldIdentifierNeverFindsItsSuccessor() {
    var table = SlotTable<Int>(limit: 2)
    let first = table.insert(1)
    table.remove(first)
    let second = table.insert(2)
    #expect(table.slot(of: first) == nil)
    #expect(table.slot(of: second).map { table[slot: $0] } == 2)
    #expect(table.wasLastOfItsSlot(first))
    table.remove(second)
    #expect(!table.wasLastOfItsSlot(first) && table.wasLastOfItsSlot(second))
  }

  @Test func isFullAtItsLimitAndNotOneBelow() {
    var table = SlotTable<Int>(limit: 2)
    _ = table.insert(1)
    #expect(!table.isFull)
    let last = table.insert(2)
    #expect(table.isFull)
    table.remove(last)
    #expect(!table.isFull && table.count == 1)
  }

  @Test func identifiersNobodyGaveFindNothing() {
    var table = SlotTable<Int>(limit: 2)
    let given = table.insert(1)
    for wrong in [given + 1, given | 1 << 32, .max] { #expect(table.slot(of: wrong) == nil) }
  }
}

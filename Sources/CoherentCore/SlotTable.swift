// Numbered slots that are used again, each with a generation that tells its present holder from
// the last one. Whoever presents an old identifier finds nothing, never its successor.

/// Insert, look up and remove in constant time; who inserts asks first whether it is full.
struct SlotTable<Element> {
  private struct Slot {
    var generation: UInt32 = 0
    var element: Element?
  }

  private(set) var limit: Int
  /// The highest limit so far. What was admitted under it may still be on its way into the table.
  private var capacity: Int
  private var slots: [Slot] = []
  private var vacant: [UInt32] = []
  private(set) var count = 0

  init(limit: Int) {
    self.limit = limit
    capacity = limit
  }

  /// Another limit from now on; what is held stays.
  mutating func setLimit(_ limit: Int) {
    self.limit = limit
    capacity = max(capacity, limit)
  }

  /// A table as another one was: `state` tells of each slot, in order, who holds it, or which
  /// generation its next holder has.
  init(limit: Int, slots states: [(generation: UInt32, element: Element?)]) {
    self.limit = limit
    capacity = limit
    slots = states.map { Slot(generation: $0.generation, element: $0.element) }
    vacant = states.indices.reversed().filter { states[$0].element == nil }.map { UInt32($0) }
    count = states.count - vacant.count
  }

  var isFull: Bool { count >= limit }
  /// One past the highest slot in use so far: the bound for walks over all elements.
  var endSlot: Int { slots.count }

  mutating func insert(_ element: Element) -> UInt64 {
    invariant(count < capacity, "a slot table is asked for room before it is filled")
    count += 1
    if let slot = vacant.popLast() {
      slots[Int(slot)].element = element
      return identifier(slot: Int(slot))
    }
    slots.append(Slot(element: element))
    return identifier(slot: slots.count - 1)
  }

  mutating func remove(_ identifier: UInt64) {
    guard let slot = slot(of: identifier) else {
      invariant(false, "only what a slot holds is removed from it")
      return
    }
    slots[slot].element = nil
    slots[slot].generation &+= 1
    vacant.append(UInt32(slot))
    count -= 1
  }

  /// The slot that holds exactly this identifier's element, or nil.
  func slot(of identifier: UInt64) -> Int? {
    let slot = Int(identifier & 0xffff_ffff)
    guard slot < slots.count, slots[slot].element != nil,
      slots[slot].generation == UInt32(identifier >> 32)
    else { return nil }
    return slot
  }

  /// Whether `identifier` named the previous element of a slot: the youngest one that is gone.
  func wasLastOfItsSlot(_ identifier: UInt64) -> Bool {
    let slot = Int(identifier & 0xffff_ffff)
    return slot < slots.count && slots[slot].generation == UInt32(identifier >> 32) &+ 1
  }

  func identifier(slot: Int) -> UInt64 {
    UInt64(slots[slot].generation) << 32 | UInt64(slot)
  }

  func holds(slot: Int) -> Bool { slot < slots.count && slots[slot].element != nil }

  /// The element of a slot that is known to hold one.
  subscript(slot slot: Int) -> Element {
    get { slots[slot].element! }
    _modify { yield &slots[slot].element! }
  }
}

// The sessions, by a small slot that frames refer to and by the number that never comes back.

import CoherentWire

struct SessionTable {
  private var slots: [Session?] = []
  private var slotOf: [SessionID: Int] = [:]
  private(set) var nextNumber: UInt32 = 1
  /// Lowered, it ends nobody's session.
  var limit: Int

  init(limit: Int) { self.limit = limit }

  var count: Int { slotOf.count }
  var isFull: Bool { count >= limit }
  var endSlot: Int { slots.count }

  /// A number that no session has, whether one is made of it or not.
  mutating func takeNumber() -> SessionID {
    // Numbers come back after four thousand million connections; 0 stands for nobody.
    while nextNumber == 0 || slotOf[SessionID(rawValue: nextNumber)] != nil { nextNumber &+= 1 }
    defer { nextNumber &+= 1 }
    return SessionID(rawValue: nextNumber)
  }

  /// Enters a session under a number that was taken for it.
  mutating func insert(_ session: Session) {
    invariant(slotOf[session.id] == nil, "a session's number is its own")
    let slot = slots.firstIndex { $0 == nil } ?? slots.count
    if slot == slots.count { slots.append(nil) }
    slots[slot] = session
    slotOf[session.id] = slot
  }

  mutating func countOn(from number: UInt32) { nextNumber = max(nextNumber, number) }

  /// Enters a session that was there before, under its number.
  mutating func restore(_ session: Session) {
    invariant(slotOf[session.id] == nil, "a session's number is its own")
    slotOf[session.id] = slots.count
    slots.append(session)
    nextNumber = max(nextNumber, session.id.rawValue &+ 1)
  }

  mutating func remove(_ id: SessionID) {
    guard let slot = slotOf.removeValue(forKey: id) else { return }
    slots[slot] = nil
  }

  var ids: Dictionary<SessionID, Int>.Keys { slotOf.keys }

  func slot(of id: SessionID) -> Int? { slotOf[id] }
  func holds(slot: Int) -> Bool { slots[slot] != nil }

  /// The session of a slot that is known to hold one.
  subscript(_ slot: Int) -> Session {
    get { slots[slot]! }
    _modify { yield &slots[slot]! }
  }
}

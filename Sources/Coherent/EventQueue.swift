// What the daemon said unasked and nobody has taken yet: bounded, in the order in which it came.
// What does not fit is counted and dropped. Plain values; the connection's lock guards it.

import CoherentWire

struct EventQueue {
  private var events: [Event] = []
  private var next = 0
  private let limit: Int
  /// How many found no room.
  private(set) var dropped = 0

  init(limit: Int) {
    self.limit = limit
  }

  mutating func append(_ event: Event) {
    guard events.count - next < limit else {
      dropped += 1
      return
    }
    events.append(event)
  }

  /// The oldest; nil if there is none. Amortized O(1).
  mutating func popFirst() -> Event? {
    guard next < events.count else { return nil }
    let event = events[next]
    next += 1
    if next == events.count || next == limit {
      events.removeFirst(next)
      next = 0
    }
    return event
  }
}

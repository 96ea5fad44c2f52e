// Every bound that the core has promised, earliest first: leases and waits. Ended ones are not
// looked for; they are recognised when their time comes, by what they name being gone.

/// A binary heap. Insert and pop in O(log n); the earliest in O(1).
struct DeadlineQueue {
  enum Subject: Hashable {
    case pin(session: UInt32, pin: UInt64)
    case waiter(UInt64)
    /// The end of a pause after a failed copy.
    case pause(session: UInt32)
    /// The end of the lease of a control word that is waited for.
    case word(session: UInt32, allocation: UInt64)
    /// The next words to look at.
    case sweep
    /// Work that was put off.
    case piece
    /// A block that goes offline is to be looked at again.
    case block(Int)
    /// It is to be given up.
    case blockEnd(Int)
  }
  struct Entry {
    var instant: Instant
    var subject: Subject
  }

  private var heap: [Entry] = []

  var earliest: Instant? { heap.first?.instant }
  var count: Int { heap.count }

  mutating func insert(_ subject: Subject, at instant: Instant) {
    heap.append(Entry(instant: instant, subject: subject))
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if heap[parent].instant <= heap[child].instant { break }
      heap.swapAt(parent, child)
      child = parent
    }
  }

  /// The earliest subject whose time has come, taken out.
  mutating func popDue(_ now: Instant) -> Entry? {
    guard let first = heap.first, first.instant <= now else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      sink(from: 0)
    }
    return first
  }

  /// Drops what `isLive` says has ended. Called when the dead outnumber the living. O(n).
  mutating func compact(keeping isLive: (Entry) -> Bool) {
    heap.removeAll { !isLive($0) }
    for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(from: index) }
  }

  private mutating func sink(from start: Int) {
    var parent = start
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && heap[child].instant < heap[least].instant {
        least = child
      }
      if least == parent { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}

// The newest entries of some kinds, in a ring: a part of the history.
//
//   positions | overwritten | remembered |
//             0        overwritten      count
//
// Law: count - overwritten entries are remembered, never more than the capacity, and their numbers
// and times ascend.

struct HistoryRing {
  let capacity: Int
  private var entries: [HistoryEntry] = []
  /// How many were ever entered; the position of the next.
  private(set) var count = 0

  init(capacity: Int) { self.capacity = capacity }

  /// How many are forgotten: the position of the oldest that is remembered.
  var overwritten: Int { count - entries.count }

  /// An entry that is remembered.
  subscript(position: Int) -> HistoryEntry {
    get { entries[position % capacity] }
    set { entries[position % capacity] = newValue }
  }

  func remembers(_ position: Int) -> Bool { position >= overwritten && position < count }

  /// Enters one; its position.
  mutating func append(_ entry: HistoryEntry) -> Int {
    if entries.count < capacity {
      entries.append(entry)
    } else {
      entries[count % capacity] = entry
    }
    count += 1
    return count - 1
  }

  /// The position of the first that has a higher number; `count` if none has. O(log capacity).
  func position(after number: UInt64) -> Int {
    var (low, high) = (overwritten, count)
    while low < high {
      let middle = low + (high - low) / 2
      if self[middle].number > number { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Since when nothing of these kinds was forgotten; nil if nothing ever was.
  var rememberedSince: Instant? { overwritten > 0 ? self[overwritten].time : nil }

  func checkInvariants() {
    invariant(entries.count <= capacity, "the history is bounded")
    var number: UInt64 = 0
    var before = Instant(nanoseconds: 0)
    for position in overwritten..<count {
      let entry = self[position]
      invariant(entry.number > number, "the history's numbers ascend")
      invariant(entry.time >= before, "the history is in the order of time")
      (number, before) = (entry.number, entry.time)
    }
  }
}

// What was done lately, in a ring: the newest entries, each with a number. What is overwritten is
// gone; who reads too slowly learns how much that was, and holds nobody up.
//
//   numbers   | overwritten | remembered: read, never changed any more | may still grow |
//             1          first                                       sealed          last
//
// Law: last - first + 1 entries are remembered, and never more than the capacity.

struct History {
  static let capacity = 4096
  /// About how many subjects the newest entry is known. No more are at work at the same moment.
  private static let maximumSubjects = 1024

  private var entries: [HistoryEntry] = []
  /// The number of the newest entry, 0 before there is any.
  private(set) var last: UInt64 = 0
  /// Somebody has read up to this number.
  private var sealed: UInt64 = 0
  /// The newest entry about each.
  private var newest: [HistoryEntry.Subject: UInt64] = [:]
  /// Since when there is a history, if things were done before: another daemon's is not known.
  private let began: Instant?

  init(began: Instant? = nil) { self.began = began }

  /// The number of the oldest entry that is remembered, one more than `last` if there is none.
  var first: UInt64 { last - UInt64(entries.count) + 1 }

  /// Enters what was done, or adds it to an entry of its like that nobody has read yet. O(1).
  mutating func note(_ entry: HistoryEntry) {
    let subject = entry.subject
    if let number = newest[subject], number > sealed, number >= first,
      entries[Self.index(of: number)].continues(in: entry)
    {
      entries[Self.index(of: number)].merge(entry)
      return
    }
    last += 1
    if newest.count >= Self.maximumSubjects { newest.removeAll(keepingCapacity: true) }
    newest[subject] = last
    var entry = entry
    entry.number = last
    if entries.count < Self.capacity {
      entries.append(entry)
    } else {
      entries[Self.index(of: last)] = entry
    }
  }

  /// At most `limit` entries after a number, oldest first, and how many between that number and
  /// the first of them were overwritten. What was read does not change any more; with a limit of 0
  /// nothing that there is does, for a reader who wants what is to come.
  mutating func read(after number: UInt64, limit: Int) -> (entries: [HistoryEntry], dropped: UInt64)
  {
    let start = max(number &+ 1, first)
    if limit == 0 { sealed = last }
    guard number < last, limit > 0 else { return ([], 0) }
    let end = min(last, start + UInt64(limit) - 1)
    sealed = max(sealed, end)
    return ((start...end).map { entries[Self.index(of: $0)] }, start - number - 1)
  }

  /// The entries that `isWanted` wants, newest first, at most `limit`. O(capacity).
  func newest(limit: Int, where isWanted: (HistoryEntry) -> Bool) -> [HistoryEntry] {
    var found: [HistoryEntry] = []
    var number = last
    while number >= first, number > 0, found.count < limit {
      let entry = entries[Self.index(of: number)]
      if isWanted(entry) { found.append(entry) }
      number -= 1
    }
    return found
  }

  /// Since when everything is remembered; nil if nothing was forgotten yet.
  var rememberedSince: Instant? { first > 1 ? entries[Self.index(of: first)].time : began }

  private static func index(of number: UInt64) -> Int {
    Int((number - 1) % UInt64(capacity))
  }

  func checkInvariants() {
    invariant(entries.count <= Self.capacity, "the history is bounded")
    invariant(sealed <= last, "only what there is was read")
    var before = Instant(nanoseconds: 0)
    for number in first..<last + 1 {
      let entry = entries[Self.index(of: number)]
      invariant(entry.number == number, "the history's numbers have no gaps")
      invariant(entry.time >= before, "the history is in the order of time")
      before = entry.time
    }
  }
}

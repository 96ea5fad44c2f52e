// What was done lately: the newest entries, each with a number. What is overwritten is gone; who
// reads too slowly learns how much that was, and holds nobody up. Memory that moves makes many
// entries, and what was refused, revoked or lost makes few; each has a ring of its own, so that
// pressure, however long it lasts, forgets nothing but pressure.
//
//   numbers   | overwritten, in part | read, never changed any more | may still grow |
//             1                                                   sealed           last
//
// Law: each number up to `last` is of one entry, of one ring; the newest is remembered.

struct History {
  /// Of entries about memory that moves, and of all others.
  static let capacity = 4096
  static let lastingCapacity = 1024
  /// About how many subjects the newest entry is known. No more are at work at the same moment.
  private static let maximumSubjects = 1024

  private var moving = HistoryRing(capacity: Self.capacity)
  private var lasting = HistoryRing(capacity: Self.lastingCapacity)
  /// The number of the newest entry, 0 before there is any.
  private(set) var last: UInt64 = 0
  /// Somebody has read up to this number.
  private var sealed: UInt64 = 0
  /// The position of the newest entry about each, in the ring of its kind.
  private var newest: [HistoryEntry.Subject: Int] = [:]
  /// Since when there is a history, if things were done before: another daemon's is not known.
  private let began: Instant?

  init(began: Instant? = nil) { self.began = began }

  /// The number of the oldest entry that is remembered, one more than `last` if there is none.
  var first: UInt64 {
    var first = last + 1
    if moving.remembers(moving.overwritten) { first = moving[moving.overwritten].number }
    if lasting.remembers(lasting.overwritten) {
      first = min(first, lasting[lasting.overwritten].number)
    }
    return first
  }

  /// Enters what was done, or adds it to an entry of its like that nobody has read yet. O(1).
  mutating func note(_ entry: HistoryEntry) {
    if entry.kind.isMovement { note(entry, in: \.moving) } else { note(entry, in: \.lasting) }
  }

  private mutating func note(
    _ entry: HistoryEntry, in ring: WritableKeyPath<History, HistoryRing>
  ) {
    let subject = entry.subject
    if let position = newest[subject], self[keyPath: ring].remembers(position),
      self[keyPath: ring][position].number > sealed,
      self[keyPath: ring][position].continues(in: entry)
    {
      self[keyPath: ring][position].merge(entry)
      return
    }
    last += 1
    if newest.count >= Self.maximumSubjects { newest.removeAll(keepingCapacity: true) }
    var entry = entry
    entry.number = last
    newest[subject] = self[keyPath: ring].append(entry)
  }

  /// At most `limit` entries after a number, oldest first, and how many between that number and
  /// the last of them were overwritten. What was read does not change any more; with a limit of 0
  /// nothing that there is does, for a reader who wants what is to come. O(limit).
  mutating func read(after number: UInt64, limit: Int) -> (entries: [HistoryEntry], dropped: UInt64)
  {
    if limit == 0 { sealed = last }
    guard number < last, limit > 0 else { return ([], 0) }
    var found: [HistoryEntry] = []
    var (move, rest) = (moving.position(after: number), lasting.position(after: number))
    while found.count < limit {
      let isMove = moving.remembers(move)
      let isRest = lasting.remembers(rest)
      if isMove, !isRest || moving[move].number < lasting[rest].number {
        found.append(moving[move])
        move += 1
      } else if isRest {
        found.append(lasting[rest])
        rest += 1
      } else {
        break
      }
    }
    let end = found.last?.number ?? number
    sealed = max(sealed, end)
    return (found, end - number - UInt64(found.count))
  }

  /// The entries that `isWanted` wants, newest first, at most `limit`. O(capacity).
  func newest(limit: Int, where isWanted: (HistoryEntry) -> Bool) -> [HistoryEntry] {
    var found: [HistoryEntry] = []
    var (move, rest) = (moving.count - 1, lasting.count - 1)
    while found.count < limit {
      let isMove = moving.remembers(move)
      let isRest = lasting.remembers(rest)
      guard isMove || isRest else { break }
      let takesMove = isMove && (!isRest || moving[move].number > lasting[rest].number)
      let entry = takesMove ? moving[move] : lasting[rest]
      if takesMove { move -= 1 } else { rest -= 1 }
      if isWanted(entry) { found.append(entry) }
    }
    return found
  }

  /// Since when everything is remembered; nil if nothing was forgotten yet.
  var rememberedSince: Instant? {
    guard let move = moving.rememberedSince else { return lasting.rememberedSince ?? began }
    return lasting.rememberedSince.map { max($0, move) } ?? move
  }

  func checkInvariants() {
    moving.checkInvariants()
    lasting.checkInvariants()
    invariant(sealed <= last, "only what there is was read")
    invariant(UInt64(moving.count + lasting.count) == last, "every number is of one entry")
    var isLast = last == 0
    if moving.count > 0, moving[moving.count - 1].number == last { isLast = true }
    if lasting.count > 0, lasting[lasting.count - 1].number == last { isLast = true }
    invariant(isLast, "the newest is remembered")
  }
}

extension HistoryEntry.Kind {
  /// Whether it is about memory that comes and goes, of which there is much under pressure.
  var isMovement: Bool {
    switch self {
    case .evicted, .restored, .pressure: true
    case .revoked, .refused, .block, .session, .dataLost: false
    }
  }
}

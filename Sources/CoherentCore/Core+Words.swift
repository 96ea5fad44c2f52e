// Control words: how an allocation is lent out for pins that the daemon does not hear of.
//
//   closed ──open──> open ──take, not pinned──> closed
//                     │ └─take, pinned──> closing ──released, or its lease over──> closed
//
// While a word is not closed, all frames of its allocation are pinned for the core: resident, and
// in nobody's way. Taking the word back ends that pin; so eviction, migration and the laws about
// pins know nothing of words. A word that nobody used for a while is taken back by the sweep, so
// that coldness is seen; when nothing else can be evicted, the one that was lent out first is.

import CoherentWire

/// Whether an allocation's pins are counted in its control word.
enum WordState: UInt8 {
  case closed
  case open
  /// An eviction waits for the pins that are in it; no new ones can be made.
  case closing
}

/// An entry in the list of what was lent out first. It is passed over if its word has been taken
/// back, or opened anew, since.
struct OpenWord {
  var session: SessionID
  var allocation: UInt64
  var opening: UInt64
}

extension Core {
  // MARK: lending out

  /// Lends an allocation out for fast pins: all of it is resident, by the pin that was granted.
  mutating func openWord(_ slot: Int, _ identifier: UInt64, _ now: Instant) {
    let word = Int(identifier & 0xffff_ffff)
    let allocation = sessions[slot].arena.allocations[slot: word]
    guard allocation.word == .closed, !allocation.isDying else { return }
    let movesForPin = allocation.range.contains { index in
      let frame = sessions[slot].arena.frames[index]
      return frame.flags.contains(.isPinnedInHost) && frame.place != .host
    }
    // A long-term pin of its owner waits to move it.
    if movesForPin { return }
    lend(slot, word, now)
    wordOperations.append(.open(sessions[slot].id, word: word))
  }

  private mutating func lend(_ slot: Int, _ word: Int, _ now: Instant) {
    let identifier = sessions[slot].arena.allocations.identifier(slot: word)
    let range = sessions[slot].arena.allocations[slot: word].range
    addPins(slot, range)
    for index in range { sessions[slot].arena.setFlags(index, .isLent) }
    wordOpenings += 1
    sessions[slot].arena.allocations[slot: word].word = .open
    sessions[slot].arena.allocations[slot: word].wordOpening = wordOpenings
    sessions[slot].arena.allocations[slot: word].wordSeenAt = now
    sessions[slot].lentWords += 1
    lentWords += 1
    listOpen(
      OpenWord(session: sessions[slot].id, allocation: identifier, opening: wordOpenings))
    beginSweeping(now)
  }

  /// Now and then forgets those that were taken back. O(1) on average.
  private mutating func listOpen(_ word: OpenWord) {
    if openWords.count > 1024, openWords.count > 2 * lentWords {
      let sessions = sessions
      openWords.compact { Self.openSlot($0, sessions) != nil }
    }
    openWords.append(word)
  }

  /// The session's slot, if the word is still open as it was when it was listed.
  static func openSlot(_ entry: OpenWord, _ sessions: SessionTable) -> Int? {
    guard let slot = sessions.slot(of: entry.session), !sessions[slot].isEnding,
      let word = sessions[slot].arena.allocations.slot(of: entry.allocation),
      sessions[slot].arena.allocations[slot: word].word == .open,
      sessions[slot].arena.allocations[slot: word].wordOpening == entry.opening
    else { return nil }
    return slot
  }

  /// Enters a word that a daemon which died had lent out. One that an eviction waited for is
  /// revoked after a lease, since nobody knows how long it was held.
  mutating func restoreWord(_ slot: Int, _ word: Int, isClosing: Bool, _ now: Instant) {
    lend(slot, word, now)
    if isClosing { awaitPins(slot, word, 0, now) }
  }

  /// Asks for the word of an allocation, if it is lent out.
  mutating func takeWord(_ slot: Int, _ word: Int) {
    guard sessions[slot].arena.allocations[slot: word].word == .open,
      !sessions[slot].arena.allocations[slot: word].wordIsAskedFor
    else { return }
    sessions[slot].arena.allocations[slot: word].wordIsAskedFor = true
    wordOperations.append(.take(sessions[slot].id, word: word))
  }

  /// Ends the lending whoever holds pins: the owner frees it, moves it or drops its contents.
  mutating func closeWord(_ slot: Int, _ word: Int) {
    guard sessions[slot].arena.allocations[slot: word].word != .closed else { return }
    wordOperations.append(.close(sessions[slot].id, word: word))
    settleClosed(slot, word)
  }

  /// Takes back the words that were lent out first, enough for `frames` frames. False if there is
  /// none to take.
  mutating func takeOldestWords(frames: Int) -> Bool {
    var asked = 0
    while asked < frames, let entry = openWords.popFirst() {
      guard let slot = Self.openSlot(entry, sessions) else { continue }
      let word = Int(entry.allocation & 0xffff_ffff)
      asked += sessions[slot].arena.allocations[slot: word].range.count
      takeWord(slot, word)
    }
    return asked > 0
  }

  // MARK: operations and their answers

  /// The next operation on a control word, to be performed before anything else happens.
  package mutating func nextWordOperation() -> WordOperation? {
    wordOperations.popFirst()
  }

  package mutating func answered(
    _ operation: WordOperation, _ answer: WordAnswer, _ now: Instant, _ effects: inout [Effect]
  ) {
    see(now)
    switch (operation, answer) {
    case (.take(let id, let word), .taken):
      guard let slot = wordSlot(id, word) else { break }
      settleClosed(slot, word)
    case (.take(let id, let word), .pinned(let epoch)):
      guard let slot = wordSlot(id, word) else { break }
      sessions[slot].arena.allocations[slot: word].wordIsAskedFor = false
      awaitPins(slot, word, epoch, now)
    case (.revoke(let id, let word), .revoked(let pins)),
      (.expire(let id, let word, _), .revoked(let pins)):
      guard let slot = wordSlot(id, word) else { break }
      let handle = sessions[slot].arena.allocations.identifier(slot: word)
      settleClosed(slot, word)
      if pins > 0 {
        counters.expiredLeases += UInt64(pins)
        noteRevoked(
          slot, handle, frames: sessions[slot].arena.allocations[slot: word].range.count,
          pins: pins)
        effects.append(
          .notify(id, .leaseRevoked(HandleID(rawValue: handle), nil, pins: UInt32(clamping: pins))))
      }
    case (.sweep(let id, let first, let limit), .swept(let reports)):
      if let slot = sessions.slot(of: id) { swept(slot, first, limit, reports, now) }
      sweptTo(id, first, limit, now)
    default:
      invariant(answer == .done, "an operation on a word is answered in kind")
    }
    if wordOperations.isEmpty { wordsAnswered(now, &effects) }
  }

  /// The session's slot, if the word is still lent out: its allocation may be gone meanwhile.
  func wordSlot(_ id: SessionID, _ word: Int) -> Int? {
    guard let slot = sessions.slot(of: id), !sessions[slot].isEnding,
      sessions[slot].arena.allocations.holds(slot: word),
      sessions[slot].arena.allocations[slot: word].word != .closed
    else { return nil }
    return slot
  }

  /// Whoever waited for what was lent out looks again, once for all words that were answered; then
  /// the orders to evict that asked for words do.
  private mutating func wordsAnswered(_ now: Instant, _ effects: inout [Effect]) {
    if !answeredSessions.isEmpty {
      let ids = answeredSessions
      answeredSessions = []
      for id in ids {
        if let slot = sessions.slot(of: id) { advanceMigrations(slot, now, &effects) }
      }
      serveFrameQueue(now, &effects)
    }
    // More words may be asked for by now.
    guard ordersAwaitWords, wordOperations.isEmpty else { return }
    ordersAwaitWords = false
    for waiter in 0..<waiters.endSlot where waiters.holds(slot: waiter) {
      guard case .evict = waiters[slot: waiter].wish else { continue }
      advance(waiters.identifier(slot: waiter), now, &effects)
    }
  }

  private mutating func settleClosed(_ slot: Int, _ word: Int) {
    let allocation = sessions[slot].arena.allocations[slot: word]
    sessions[slot].arena.setWordIsPinned(word, false)
    sessions[slot].arena.allocations[slot: word].word = .closed
    sessions[slot].arena.allocations[slot: word].wordIsAskedFor = false
    sessions[slot].arena.allocations[slot: word].wordRenewals = 0
    sessions[slot].lentWords -= 1
    lentWords -= 1
    if allocation.word == .closing {
      sessions[slot].closingWords -= 1
      closingWords -= 1
    }
    for index in allocation.range { sessions[slot].arena.clearFlags(index, .isLent) }
    removePins(slot, allocation.range)
    if answeredSessions.last != sessions[slot].id { answeredSessions.append(sessions[slot].id) }
  }

  /// It is pinned: its pins have until their lease is over, counted from when a sweep saw them
  /// first; there are no new ones.
  private mutating func awaitPins(_ slot: Int, _ word: Int, _ epoch: UInt32, _ now: Instant) {
    let identifier = sessions[slot].arena.allocations.identifier(slot: word)
    let allocation = sessions[slot].arena.allocations[slot: word]
    guard allocation.word == .open else { return }
    sessions[slot].arena.allocations[slot: word].word = .closing
    sessions[slot].closingWords += 1
    closingWords += 1
    let isSeen = allocation.wordEpoch == epoch && allocation.wordIsPinned
    let seenAt = isSeen ? allocation.wordSeenAt : now
    if !isSeen { note(slot, WordReport(word: word, epoch: epoch, isPinned: true), now) }
    sessions[slot].arena.setWordIsPinned(word, true)
    let deadline = seenAt.adding(milliseconds: configuration.defaultLeaseMilliseconds)
    sessions[slot].arena.allocations[slot: word].wordDeadline = deadline
    if deadline <= now {
      wordOperations.append(.revoke(sessions[slot].id, word: word))
    } else {
      insertDeadline(
        .word(session: sessions[slot].id.rawValue, allocation: identifier), at: deadline)
    }
  }

  /// The lease of whoever pins a word that is waited for has run out.
  mutating func revokeWord(_ id: SessionID, _ identifier: UInt64, _ deadline: Instant) {
    guard Self.closingSlot(id, identifier, deadline, sessions) != nil else { return }
    wordOperations.append(.revoke(id, word: Int(identifier & 0xffff_ffff)))
  }

  /// The session's slot, if an eviction waits for the word, until exactly that deadline: an earlier
  /// one was another eviction's, and must not end the lease of a later pin.
  static func closingSlot(
    _ id: SessionID, _ identifier: UInt64, _ deadline: Instant, _ sessions: SessionTable
  ) -> Int? {
    guard let slot = sessions.slot(of: id), !sessions[slot].isEnding,
      let word = sessions[slot].arena.allocations.slot(of: identifier),
      sessions[slot].arena.allocations[slot: word].word == .closing,
      sessions[slot].arena.allocations[slot: word].wordDeadline == deadline
    else { return nil }
    return slot
  }

  /// The client took its last pin off a word that is waited for.
  mutating func released(_ slot: Int, _ handle: HandleID) throws(Refusal) {
    let word = try allocationSlot(slot, handle)
    guard sessions[slot].arena.allocations[slot: word].word == .closing else { return }
    wordOperations.append(.take(sessions[slot].id, word: word))
  }
}

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

extension Core {
  /// Words looked at in one event, so that none takes long.
  private static let wordsPerSweep = 4096
  /// A word without a new pin for so long is taken back.
  private static let idleMilliseconds: UInt32 = 1000

  private var sweepMilliseconds: UInt32 {
    max(configuration.defaultLeaseMilliseconds / 2, 10)
  }

  // MARK: lending out

  /// Lends an allocation out for fast pins: all of it is resident, by the pin that was granted.
  mutating func openWord(_ slot: Int, _ identifier: UInt64, _ now: Instant) {
    let word = Int(identifier & 0xffff_ffff)
    let allocation = sessions[slot].arena.allocations[slot: word]
    guard allocation.word == .closed, !allocation.isDying else { return }
    lend(slot, allocation.range)
    sessions[slot].arena.allocations[slot: word].word = .open
    sessions[slot].arena.allocations[slot: word].wordSeenAt = now
    sessions[slot].openWords += 1
    openWords.append((sessions[slot].id, identifier))
    wordOperations.append(.open(sessions[slot].id, word: word))
    if !isSweeping {
      isSweeping = true
      insertDeadline(.sweep, at: now.adding(milliseconds: sweepMilliseconds))
    }
  }

  /// Enters a word that a daemon which died had lent out. One that an eviction waited for is
  /// revoked after a lease, since nobody knows how long it was held.
  mutating func restoreWord(
    _ slot: Int, _ word: Int, _ identifier: UInt64, isClosing: Bool, _ now: Instant
  ) {
    lend(slot, sessions[slot].arena.allocations[slot: word].range)
    sessions[slot].arena.allocations[slot: word].word = isClosing ? .closing : .open
    sessions[slot].arena.allocations[slot: word].wordSeenAt = now
    sessions[slot].openWords += 1
    if isClosing {
      insertDeadline(
        .word(session: sessions[slot].id.rawValue, allocation: identifier),
        at: now.adding(milliseconds: configuration.defaultLeaseMilliseconds))
    } else {
      openWords.append((sessions[slot].id, identifier))
    }
    if !isSweeping {
      isSweeping = true
      insertDeadline(.sweep, at: now.adding(milliseconds: sweepMilliseconds))
    }
  }

  /// Asks for the word of an allocation, if it is lent out.
  mutating func takeWord(_ slot: Int, _ word: Int) {
    guard sessions[slot].arena.allocations[slot: word].word == .open else { return }
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
    while asked < frames, let (id, identifier) = openWords.popFirst() {
      guard let slot = sessions.slot(of: id), !sessions[slot].isEnding,
        let word = sessions[slot].arena.allocations.slot(of: identifier),
        sessions[slot].arena.allocations[slot: word].word == .open
      else { continue }
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
    switch (operation, answer) {
    case (.take(let id, let word), .taken):
      guard let slot = wordSlot(id, word) else { return }
      settleClosed(slot, word)
      wordsEnded(slot, now, &effects)
    case (.take(let id, let word), .pinned(let epoch)):
      guard let slot = wordSlot(id, word) else { return }
      awaitPins(slot, word, epoch, now)
      wordsEnded(slot, now, &effects)
    case (.revoke(let id, let word), .revoked(let pins)),
      (.expire(let id, let word, _), .revoked(let pins)):
      guard let slot = wordSlot(id, word) else { return }
      let handle = sessions[slot].arena.allocations.identifier(slot: word)
      settleClosed(slot, word)
      if pins > 0 {
        counters.expiredLeases += UInt64(pins)
        effects.append(
          .notify(id, .leaseRevoked(HandleID(rawValue: handle), nil, pins: UInt32(clamping: pins))))
      }
      wordsEnded(slot, now, &effects)
    case (.sweep(let id, let first, let limit), .swept(let reports)):
      if let slot = sessions.slot(of: id) { swept(slot, reports, now) }
      sweptTo(id, first, limit, now)
    default:
      invariant(answer == .done, "an operation on a word is answered in kind")
    }
  }

  /// The session's slot, if the word is still lent out: its allocation may be gone meanwhile.
  private func wordSlot(_ id: SessionID, _ word: Int) -> Int? {
    guard let slot = sessions.slot(of: id), !sessions[slot].isEnding,
      sessions[slot].arena.allocations.holds(slot: word),
      sessions[slot].arena.allocations[slot: word].word != .closed
    else { return nil }
    return slot
  }

  /// Whoever waited for the session's pins looks again; orders to evict do once all words that
  /// they asked for were answered.
  private mutating func wordsEnded(_ slot: Int, _ now: Instant, _ effects: inout [Effect]) {
    pinsEnded(slot, now, &effects)
    guard wordOperations.isEmpty else { return }
    for waiter in 0..<waiters.endSlot where waiters.holds(slot: waiter) {
      guard case .evict = waiters[slot: waiter].wish else { continue }
      advance(waiters.identifier(slot: waiter), now, &effects)
    }
  }

  private mutating func settleClosed(_ slot: Int, _ word: Int) {
    let range = sessions[slot].arena.allocations[slot: word].range
    if sessions[slot].arena.allocations[slot: word].wordIsPinned {
      sessions[slot].wordPinnedFrames -= range.count
      sessions[slot].arena.allocations[slot: word].wordIsPinned = false
    }
    sessions[slot].arena.allocations[slot: word].word = .closed
    sessions[slot].arena.allocations[slot: word].wordRenewals = 0
    sessions[slot].openWords -= 1
    for index in range { sessions[slot].arena.clearFlags(index, .isLent) }
    removePins(slot, range)
  }

  /// Pins the frames of an allocation for as long as its word is lent out.
  private mutating func lend(_ slot: Int, _ range: Range<Int>) {
    addPins(slot, range)
    for index in range { sessions[slot].arena.setFlags(index, .isLent) }
  }

  /// It is pinned: its pins have until their lease is over, counted from when a sweep saw them
  /// first; there are no new ones.
  private mutating func awaitPins(_ slot: Int, _ word: Int, _ epoch: UInt32, _ now: Instant) {
    let identifier = sessions[slot].arena.allocations.identifier(slot: word)
    let allocation = sessions[slot].arena.allocations[slot: word]
    guard allocation.word == .open else { return }
    sessions[slot].arena.allocations[slot: word].word = .closing
    let isSeen = allocation.wordEpoch == epoch && allocation.wordIsPinned
    let seenAt = isSeen ? allocation.wordSeenAt : now
    if !isSeen { note(slot, WordReport(word: word, epoch: epoch, isPinned: true), now) }
    let deadline = seenAt.adding(milliseconds: configuration.defaultLeaseMilliseconds)
    if deadline <= now {
      wordOperations.append(.revoke(sessions[slot].id, word: word))
    } else {
      insertDeadline(
        .word(session: sessions[slot].id.rawValue, allocation: identifier), at: deadline)
    }
  }

  /// The lease of whoever pins a word that is waited for has run out.
  mutating func revokeWord(_ id: SessionID, _ identifier: UInt64) {
    guard let slot = sessions.slot(of: id), !sessions[slot].isEnding,
      let word = sessions[slot].arena.allocations.slot(of: identifier),
      sessions[slot].arena.allocations[slot: word].word == .closing
    else { return }
    wordOperations.append(.revoke(id, word: word))
  }

  /// The client took its last pin off a word that is waited for.
  mutating func released(_ slot: Int, _ handle: HandleID) throws(Refusal) {
    let word = try allocationSlot(slot, handle)
    guard sessions[slot].arena.allocations[slot: word].word == .closing else { return }
    wordOperations.append(.take(sessions[slot].id, word: word))
  }

  // MARK: sweep

  /// Begins a sweep of the sessions that have words lent out, or goes on with one.
  mutating func sweep(_ now: Instant) {
    if sweepSessions.isEmpty {
      sweepSessions = sessions.ids.filter { id in
        sessions.slot(of: id).map { sessions[$0].openWords > 0 } ?? false
      }.sorted { $0.rawValue > $1.rawValue }
      sweepWord = 0
    }
    sweepBudget = Self.wordsPerSweep
    continueSweep(now)
  }

  private mutating func continueSweep(_ now: Instant) {
    while sweepBudget > 0, let id = sweepSessions.last {
      if let slot = sessions.slot(of: id), sessions[slot].openWords > 0, !sessions[slot].isEnding {
        wordOperations.append(.sweep(id, first: sweepWord, limit: sweepBudget))
        return
      }
      sweepSessions.removeLast()
      sweepWord = 0
    }
    if !sweepSessions.isEmpty {
      insertDeadline(.sweep, at: now.adding(milliseconds: 1))
      return
    }
    isSweeping = sessions.ids.contains { id in
      sessions.slot(of: id).map { sessions[$0].openWords > 0 } ?? false
    }
    if isSweeping {
      insertDeadline(.sweep, at: now.adding(milliseconds: sweepMilliseconds))
    }
  }

  /// The words from `first` on were looked at, `limit` of them or what there was.
  private mutating func sweptTo(_ id: SessionID, _ first: Int, _ limit: Int, _ now: Instant) {
    let end = sessions.slot(of: id).map { sessions[$0].arena.allocations.endSlot } ?? 0
    sweepBudget -= max(min(limit, end - first), 1)
    sweepWord = first + limit
    if sweepWord >= end {
      sweepSessions.removeLast()
      sweepWord = 0
    }
    continueSweep(now)
  }

  /// Remembers what a word was seen to say, which it did not say before.
  private mutating func note(_ slot: Int, _ report: WordReport, _ now: Instant) {
    var seen = sessions[slot].arena.allocations[slot: report.word]
    if seen.wordIsPinned != report.isPinned {
      sessions[slot].wordPinnedFrames += report.isPinned ? seen.range.count : -seen.range.count
    }
    seen.wordRenewals = report.isPinned ? seen.renewals(atEpoch: report.epoch) : 0
    seen.wordEpoch = report.epoch
    seen.wordIsPinned = report.isPinned
    seen.wordSeenAt = now
    sessions[slot].arena.allocations[slot: report.word] = seen
  }

  private mutating func swept(_ slot: Int, _ reports: [WordReport], _ now: Instant) {
    let id = sessions[slot].id
    for report in reports {
      guard wordSlot(id, report.word) != nil else { continue }
      let seen = sessions[slot].arena.allocations[slot: report.word]
      if seen.wordEpoch != report.epoch || seen.wordIsPinned != report.isPinned {
        note(slot, report, now)
        continue
      }
      guard seen.word == .open else { continue }
      if report.isPinned,
        now >= seen.wordSeenAt.adding(milliseconds: configuration.defaultLeaseMilliseconds)
      {
        wordOperations.append(.expire(id, word: report.word, seenEpoch: report.epoch))
      } else if !report.isPinned,
        now >= seen.wordSeenAt.adding(milliseconds: Self.idleMilliseconds)
      {
        takeWord(slot, report.word)
      }
    }
  }
}

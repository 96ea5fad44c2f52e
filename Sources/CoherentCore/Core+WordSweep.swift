// The sweep over words that are lent out. It sees what no request tells: pins that were there a
// lease ago end, and what nobody pinned for a while is taken back. It goes from session to session
// within one budget, so that no event takes long however many words there are.

import CoherentWire

extension Core {
  /// Words looked at in one event.
  private static let wordsPerSweep = 4096
  /// Idle frames that one event asks back at most; the others wait for the next sweep.
  private static let idleFramesPerSweep = 16_384
  /// A word without a new pin for so long is taken back.
  private static let idleMilliseconds: UInt32 = 1000

  private var sweepMilliseconds: UInt32 {
    max(configuration.defaultLeaseMilliseconds / 2, 10)
  }

  mutating func beginSweeping(_ now: Instant) {
    guard !isSweeping else { return }
    isSweeping = true
    insertDeadline(.sweep, at: now.adding(milliseconds: sweepMilliseconds))
  }

  /// Begins a sweep of the sessions that have words lent out, or goes on with one.
  mutating func sweep(_ now: Instant) {
    if sweepSessions.isEmpty {
      sweepSessions = sessions.ids.filter { id in
        sessions.slot(of: id).map { sessions[$0].lentWords > 0 } ?? false
      }.sorted { $0.rawValue > $1.rawValue }
      sweepWord = 0
    }
    sweepBudget = Self.wordsPerSweep
    sweepIdleBudget = Self.idleFramesPerSweep
    continueSweep(now)
  }

  private mutating func continueSweep(_ now: Instant) {
    while sweepBudget > 0, let id = sweepSessions.last {
      if let slot = sessions.slot(of: id), sessions[slot].lentWords > 0, !sessions[slot].isEnding {
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
    isSweeping = lentWords > 0
    if isSweeping {
      insertDeadline(.sweep, at: now.adding(milliseconds: sweepMilliseconds))
    }
  }

  /// The words from `first` on were looked at, `limit` of them or what there was.
  mutating func sweptTo(_ id: SessionID, _ first: Int, _ limit: Int, _ now: Instant) {
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
  mutating func note(_ slot: Int, _ report: WordReport, _ now: Instant) {
    let seen = sessions[slot].arena.allocations[slot: report.word]
    let renewals = report.isPinned ? seen.renewals(atEpoch: report.epoch) : 0
    sessions[slot].arena.setWordIsPinned(report.word, report.isPinned)
    sessions[slot].arena.allocations[slot: report.word].wordRenewals = renewals
    sessions[slot].arena.allocations[slot: report.word].wordEpoch = report.epoch
    sessions[slot].arena.allocations[slot: report.word].wordSeenAt = now
  }

  mutating func swept(
    _ slot: Int, _ first: Int, _ limit: Int, _ reports: [WordReport], _ now: Instant
  ) {
    let id = sessions[slot].id
    var next = first
    for report in reports {
      takeUnreported(slot, next..<report.word)
      next = report.word + 1
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
      } else if !report.isPinned, sweepIdleBudget > 0,
        now >= seen.wordSeenAt.adding(milliseconds: Self.idleMilliseconds)
      {
        sweepIdleBudget -= seen.range.count
        takeWord(slot, report.word)
      }
    }
    takeUnreported(slot, next..<max(next, first + limit))
  }

  /// A word that is lent out and does not say so was spoilt by its client: it is taken back.
  private mutating func takeUnreported(_ slot: Int, _ words: Range<Int>) {
    let end = sessions[slot].arena.allocations.endSlot
    for word in words.clamped(to: 0..<end)
    where sessions[slot].arena.allocations.holds(slot: word) {
      takeWord(slot, word)
    }
  }
}

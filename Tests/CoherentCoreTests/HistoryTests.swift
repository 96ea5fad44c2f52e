// The ring: its numbers, what is merged, what is overwritten, and what a slow reader learns of it.

import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct HistoryTests {
  private func entry(
    _ session: UInt32, _ kind: HistoryEntry.Kind = .evicted, at milliseconds: UInt32 = 0,
    _ origin: Origin = Origin(.pressure)
  ) -> HistoryEntry {
    var entry = HistoryEntry(
      kind, origin, at: Instant(nanoseconds: 0).adding(milliseconds: milliseconds))
    entry.session = SessionID(rawValue: session)
    entry.bytes = 10
    return entry
  }

  @Test func nothingIsRememberedBeforeAnythingWasDone() {
    var history = History()
    #expect(history.first == 1 && history.last == 0 && history.rememberedSince == nil)
    #expect(history.read(after: 0, limit: 9).entries.isEmpty)
    #expect(history.newest(limit: 9) { _ in true }.isEmpty)
    history.checkInvariants()
  }

  @Test func moreOfTheSameWithinASecondIsOneEntry() throws {
    var history = History()
    history.note(entry(1, at: 5))
    history.note(entry(2, at: 6))
    history.note(entry(1, at: 1005))
    #expect(history.last == 2)
    let read = history.read(after: 0, limit: 9).entries
    #expect(read.map(\.number) == [1, 2] && read.map(\.bytes) == [20, 10])
    #expect(read.map(\.count) == [2, 1])
    #expect(read[0].time == Instant(nanoseconds: 5_000_000), "the time is that of the first")
  }

  @Test func whatDiffersOrComesLaterIsAnEntryOfItsOwn() {
    var history = History()
    history.note(entry(1))
    history.note(entry(1, .restored))
    history.note(entry(1, .evicted, Origin(.administrator)))
    var other = entry(1)
    other.allocation = HandleID(rawValue: 4)
    history.note(other)
    #expect(history.last == 4)
    history.note(entry(1, at: 1001))
    #expect(history.last == 5)
    history.checkInvariants()
  }

  /// However many are at work in turn.
  @Test func theirTurnsMakeNoEntriesOfTheirOwn() {
    var history = History()
    for _ in 0..<50 { for session in 0..<100 { history.note(entry(UInt32(session))) } }
    #expect(history.last == 100)
    history.checkInvariants()
  }

  @Test func whatIsMeasuredIsNotAddedUp() {
    var history = History()
    history.note(entry(0, .pressure))
    var later = entry(0, .pressure)
    later.bytes = 7
    history.note(later)
    #expect(history.read(after: 0, limit: 9).entries.map(\.bytes) == [7])
  }

  /// The newest entry is how it is now.
  @Test func whatComesAndGoesKeepsItsOrder() {
    var history = History()
    for cause in [Cause.began, .ended, .began] { history.note(entry(0, .pressure, Origin(cause))) }
    let causes = history.read(after: 0, limit: 9).entries.map(\.origin.cause)
    #expect(causes == [.began, .ended, .began])
    for state in [BlockState.offline, .online, .offline] {
      var entry = entry(0, .block, Origin(.administrator))
      entry.block = 2
      entry.state = state
      history.note(entry)
    }
    let states = history.read(after: 3, limit: 9).entries.map(\.state)
    #expect(states == [.offline, .online, .offline])
  }

  @Test func anotherDaemonsHistoryIsNotKnown() {
    let history = History(began: Instant(nanoseconds: 5))
    #expect(history.rememberedSince == Instant(nanoseconds: 5))
  }

  @Test func whatWasReadNeverChanges() {
    var history = History()
    history.note(entry(1))
    let first = history.read(after: 0, limit: 9).entries
    history.note(entry(1))
    #expect(history.read(after: 0, limit: 1).entries == first)
    #expect(history.read(after: 1, limit: 9).entries.map(\.bytes) == [10])
  }

  @Test func whoWantsWhatIsToComeMissesNothingOfIt() {
    var history = History()
    history.note(entry(1))
    #expect(history.read(after: 0, limit: 0).entries.isEmpty)
    history.note(entry(1))
    #expect(history.read(after: 1, limit: 9).entries.map(\.bytes) == [10])
  }

  @Test func theOldestAreOverwrittenAndTheSlowHearHowMany() {
    var history = History()
    let count = UInt64(History.capacity)
    for number in 1...count + 100 { history.note(entry(UInt32(number), at: UInt32(number))) }
    #expect(history.first == 101 && history.last == count + 100)
    #expect(history.rememberedSince == Instant(nanoseconds: 101_000_000))
    let page = history.read(after: 10, limit: 3)
    #expect(page.entries.map(\.number) == [101, 102, 103] && page.dropped == 90)
    let next = history.read(after: 103, limit: Int.max >> 1)
    #expect(next.entries.count == History.capacity - 3 && next.dropped == 0)
    #expect(history.read(after: count + 100, limit: 9).entries.isEmpty)
    #expect(history.read(after: .max, limit: 9).entries.isEmpty, "nobody has read what is to come")
    history.checkInvariants()
  }

  /// As under pressure for a day.
  @Test func whatMovesPushesNothingElseOut() {
    var history = History()
    var time: UInt32 = 0
    func note(_ kind: HistoryEntry.Kind) {
      time += 2000
      history.note(entry(1, kind, at: time))
    }
    let lasting: [HistoryEntry.Kind] = [.refused, .revoked, .block, .session, .dataLost]
    for kind in lasting { note(kind) }
    for _ in 0..<3 * History.capacity {
      for kind in [HistoryEntry.Kind.evicted, .restored, .pressure] { note(kind) }
    }
    note(.refused)
    history.checkInvariants()
    #expect(history.first == 1)
    let found = history.newest(limit: 9) { !$0.kind.isMovement }
    #expect(found.map(\.kind) == [.refused] + lasting.reversed())
    let moves = UInt64(9 * History.capacity)
    let page = history.read(after: 0, limit: 7)
    #expect(
      page.entries.map(\.number) == [1, 2, 3, 4, 5]
        + (0..<2).map {
          moves + 6 - UInt64(History.capacity) + $0
        })
    #expect(page.dropped == moves - UInt64(History.capacity), "what is missing in between is said")
    let rest = history.read(after: page.entries.last!.number, limit: 2 * History.capacity)
    #expect(rest.dropped == 0 && rest.entries.last?.kind == .refused)
    #expect(rest.entries.count == History.capacity - 2 + 1)
    let oldest = history.newest(limit: 2 * History.capacity) { $0.kind.isMovement }.last
    #expect(history.rememberedSince == oldest?.time)
  }

  @Test func whatDoesNotMoveIsBoundedToo() {
    var history = History()
    let count = UInt64(History.lastingCapacity)
    for number in 1...count + 10 { history.note(entry(UInt32(number), .refused)) }
    history.checkInvariants()
    #expect(history.first == 11)
    #expect(history.read(after: 0, limit: 1).entries.map(\.number) == [11])
  }

  @Test func theNewestOfOneKindAreFound() {
    var history = History()
    for number in 1...20 { history.note(entry(UInt32(number % 2), at: UInt32(number * 2000))) }
    let found = history.newest(limit: 3) { $0.session == SessionID(rawValue: 1) }
    #expect(found.map(\.number) == [19, 17, 15])
  }
}

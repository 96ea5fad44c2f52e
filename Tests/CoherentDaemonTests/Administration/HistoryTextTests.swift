// What the history says in words: something for everything, and each word for one thing.

import CoherentCore
import CoherentWire
import Testing

import struct CoherentControl.PlaceReason

@testable import CoherentDaemon

@Suite struct HistoryTextTests {
  private func entry(_ kind: HistoryEntry.Kind, _ origin: Origin) -> HistoryEntry {
    var entry = HistoryEntry(kind, origin, at: Instant(nanoseconds: 0))
    entry.session = SessionID(rawValue: 3)
    entry.process = 77
    entry.allocation = HandleID(rawValue: 12)
    entry.bytes = 1 << 20
    return entry
  }

  private let other = Origin(.allocation, session: SessionID(rawValue: 5), process: 99)

  @Test func everyCauseHasAWordOfItsOwn() {
    let words = Cause.allCases.map(HistoryText.word)
    #expect(Set(words).count == words.count)
    for word in words {
      #expect(word.utf8.allSatisfy { $0 == 0x2d || (0x61...0x7a).contains($0) }, "\(word)")
    }
    let states = CoherentCore.BlockState.allCases.map(HistoryText.word)
    #expect(Set(states).count == states.count)
  }

  @Test func everythingHasASentence() {
    for kind in HistoryEntry.Kind.allCases {
      for cause in Cause.allCases {
        for origin in [
          Origin(cause), Origin(cause, session: SessionID(rawValue: 5), process: 99),
        ] {
          let entry = entry(kind, origin)
          for text in [HistoryText.sentence(entry), HistoryText.shortSentence(entry)] {
            #expect(!text.isEmpty && !text.contains("  ") && !text.hasSuffix("."))
          }
        }
      }
    }
  }

  /// What the core notes, with who wanted it: nobody, its owner (session 3) or another (session 5).
  private static let reasons: [(HistoryEntry.Kind, Cause, by: UInt32, String)] = [
    (.evicted, .pressure, 0, "device memory was short"),
    (.evicted, .pressure, 3, "device memory was short, its owner took it last"),
    (.evicted, .pressure, 5, "device memory was short, session 5 (process 99) took it last"),
    (.evicted, .allocation, 3, "its owner allocates"),
    (.evicted, .allocation, 5, "session 5 (process 99) waits to allocate"),
    (.evicted, .pin, 3, "its owner waits to pin"),
    (.evicted, .pin, 5, "session 5 (process 99) waits to pin"),
    (.evicted, .migration, 3, "its owner moves memory"),
    (.evicted, .migration, 5, "session 5 (process 99) moves memory to the device"),
    (.evicted, .longTermPin, 3, "its owner pins it in host memory"),
    (.evicted, .administrator, 0, "an administrator ordered it"),
    (.evicted, .blockOffline, 0, "its memory block was going offline"),
    (.evicted, .promotion, 0, "the device has room for it when it is used next"),
    (.restored, .access, 0, "it was accessed"), (.restored, .pin, 3, "its owner pins it"),
    (.restored, .advice, 3, "its owner will need it"),
    (.restored, .migration, 3, "its owner moves it"),
    (.restored, .longTermPin, 3, "its owner pins it in host memory"),
    (.restored, .administrator, 0, "an administrator moves it"),
    (.restored, .blockOffline, 0, "another memory block had room for it"),
    (.restored, .stopping, 0, "the daemon stops, and hands it back"),
    (.revoked, .lease, 0, "its lease was over"),
    (.revoked, .lease, 5, "its lease was over, session 5 (process 99) waits for it"),
    (.refused, .deviceFull, 5, "the device is full, session 5 (process 99) pins most of it"),
    (.refused, .hostFull, 0, "there is no room in host memory"),
    (.refused, .limit, 0, "a limit is reached"),
    (.refused, .lease, 0, "its lease was over, or was to be too long"),
    (.refused, .notPermitted, 0, "it is not permitted"),
    (.refused, .notMigratable, 5, "it cannot move, session 5 (process 99) pins it"),
    (.refused, .timedOut, 5, "its time was over, session 5 (process 99) is in the way"),
    (.refused, .stopping, 0, "the device is offline, or going there"),
    (.refused, .invalidRequest, 0, "it makes no sense"),
  ]

  @Test func everyReasonThatIsNotedIsTrueOfWhatWasDone() {
    for (kind, cause, by, reason) in Self.reasons {
      let origin =
        by == 0
        ? Origin(cause)
        : Origin(cause, session: SessionID(rawValue: by), process: by == 3 ? 77 : 99)
      let entry = entry(kind, origin)
      #expect(HistoryText.reason(entry) == reason)
      #expect(HistoryText.sentence(entry).hasSuffix(": \(reason)"))
      #expect(HistoryText.shortSentence(entry).hasSuffix(": \(reason)"))
    }
    // Of any other pair only the word is known.
    for kind in [HistoryEntry.Kind.evicted, .restored, .revoked, .refused] {
      for cause in Cause.allCases
      where !Self.reasons.contains(where: { $0.0 == kind && $0.1 == cause }) {
        #expect(
          HistoryText.reason(entry(kind, Origin(cause)))
            == "the cause is \(HistoryText.word(cause))")
      }
    }
  }

  @Test(arguments: [
    (Cause.administrator, CoherentCore.BlockState.offline, "is offline, as an administrator"),
    (.administrator, .absent, "is removed, as an administrator"),
    (.administrator, .goingOffline, "is going-offline, as an administrator"),
    (.administrator, .online, "is online, as an administrator"),
    (.timedOut, .online, "is online again: its time to go offline was over"),
  ])
  func aBlockIsSaidToBeWhatItIs(
    _ cause: Cause, _ state: CoherentCore.BlockState, _ text: String
  ) {
    var block = HistoryEntry(.block, Origin(cause), at: Instant(nanoseconds: 0))
    block.block = 4
    block.state = state
    #expect(HistoryText.sentence(block).hasPrefix("memory block 4 \(text)"))
  }

  @Test func aShortSentenceFitsIntoALineWithItsTime() {
    var largest = entry(
      .evicted, Origin(.pressure, session: SessionID(rawValue: 373), process: 4_194_304))
    largest.bytes = 1_023_900 << 10
    for cause in [Cause.pressure, .allocation, .migration, .pin] {
      largest.origin.cause = cause
      #expect(HistoryText.shortSentence(largest).count <= 90)
    }
    #expect(
      HistoryText.shortSentence(entry(.restored, Origin(.access)))
        == "1 MiB restored: it was accessed")
  }

  @Test func anEvictionNamesWhoseItWasAndForWhom() {
    #expect(
      HistoryText.sentence(entry(.evicted, other))
        == "1 MiB of allocation 12 of session 3 (process 77) went to the host store: "
        + "session 5 (process 99) waits to allocate")
  }

  @Test func ofOnesOwnDoingNobodyElseIsNamed() {
    let own = Origin(.migration, session: SessionID(rawValue: 3), process: 77)
    #expect(
      HistoryText.sentence(entry(.evicted, own))
        == "1 MiB of allocation 12 of session 3 (process 77) went to the host store: "
        + "its owner moves memory")
  }

  @Test func manyAreCounted() {
    var refused = entry(.refused, Origin(.limit))
    refused.count = 40
    refused.bytes = 0
    #expect(
      HistoryText.sentence(refused)
        == "40 requests of session 3 (process 77) refused: a limit is reached")
  }

  @Test func partsThatReadAlikeAreOne() {
    let clock = WallTime(monotonicNanoseconds: 9_000_000_000, wallNanoseconds: 9_000_000_000)
    var old = Explanation.Part(
      place: .stored, reason: .evicted, frames: 2, entry: entry(.evicted, other))
    old.entry?.time = Instant(nanoseconds: 1_000_000_000)
    var young = old
    young.entry?.time = Instant(nanoseconds: 5_000_000_000)
    var different = young
    different.entry?.origin.cause = .pressure
    let kept = Explanation.Part(place: .host, reason: .keptInHost, frames: 1)
    var keptLater = kept
    keptLater.entry = entry(.restored, Origin(.migration))
    let list = PlaceReason.list(
      [old, young, different, kept, keptLater], isOffline: false, frameBytes: 4096, clock)
    #expect(list.map(\.bytes) == [16384, 8192, 8192])
    #expect(list[0].text.hasPrefix("it was evicted 4000 ms ago: session 5"))
    #expect(list[2].place == "host")
  }

  @Test func withoutADeviceNothingIsSaidToHaveHadNoRoom() {
    let host = Explanation.Part(
      place: .host, reason: .deviceWasFull, frames: 1, entry: entry(.restored, Origin(.access)))
    #expect(
      ExplanationText.sentence(host, age: "3 s")
        == "the device had no room when it was wanted, 3 s ago: it was accessed")
    #expect(
      ExplanationText.sentence(host, age: "3 s", isOffline: true) == "the device is offline")
    let stored = Explanation.Part(place: .stored, reason: .evicted, frames: 1)
    #expect(
      ExplanationText.sentence(stored, age: "", isOffline: true)
        .hasSuffix("; the device is offline now"))
  }

  @Test func anExplanationSaysSinceWhenIfItIsRemembered() {
    var part = Explanation.Part(place: .stored, reason: .evicted, frames: 1)
    #expect(ExplanationText.sentence(part, age: "").contains("earlier than is remembered"))
    part.entry = entry(.evicted, other)
    #expect(
      ExplanationText.sentence(part, age: "3 s")
        == "it was evicted 3 s ago: session 5 (process 99) waits to allocate")
  }
}

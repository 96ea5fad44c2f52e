// What the history says in words: something for everything, and each word for one thing.

import CoherentCore
import CoherentWire
import Testing

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
          let text = HistoryText.sentence(entry(kind, origin))
          #expect(!text.isEmpty && !text.contains("  ") && !text.hasSuffix("."))
        }
      }
    }
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

  @Test func anExplanationSaysSinceWhenIfItIsRemembered() {
    var part = Explanation.Part(place: .stored, reason: .evicted, frames: 1)
    #expect(ExplanationText.sentence(part, age: "").contains("earlier than is remembered"))
    part.entry = entry(.evicted, other)
    #expect(
      ExplanationText.sentence(part, age: "3 s")
        == "it was evicted 3 s ago: session 5 (process 99) waits to allocate")
  }
}

// The sentences for people: every refusal has one, and it tells the numbers and who is in the way.

import CoherentWire
import Testing

@Suite struct RefusalTextTests {
  @Test func everyRefusalHasASentenceThatNamesTheHolder() {
    for refusal in Samples.refusals {
      let text = refusal.description
      #expect(text.hasSuffix("In the way: process 286397204 (session 555885348)."), "\(text)")
      var alone = refusal
      alone.holderProcess = 0
      #expect(alone.description.hasSuffix("."))
      #expect(!alone.description.contains("In the way"))
    }
  }

  @Test func everyDetailHasASentenceOfItsOwn() {
    let texts = Refusal.Detail.allCases.map { detail in
      Refusal(.outOfDeviceMemory, detail, asked: 12, limit: 34).description
    }
    #expect(Set(texts).count == texts.count)
  }

  @Test func outOfDeviceMemoryTellsAskedFreePinnedAndProtected() {
    var refusal = Refusal(.outOfDeviceMemory, asked: 64 << 20, available: 12 << 20)
    refusal.pinned = 3 << 19
    refusal.protected = 65536
    refusal.holderProcess = 12
    refusal.holderSession = 3
    #expect(
      refusal.description
        == "Out of device memory: 64 MiB asked, 12 MiB free, 1.5 MiB pinned, 64 KiB protected. "
        + "A longer timeout, unpinning or freeing would help. "
        + "In the way: process 12 (session 3).")
  }

  @Test func whatAPinStopsTellsHowMuchIsPinnedAndByWhom() {
    var refusal = Refusal(.timedOut, asked: 1 << 20, available: 65536)
    #expect(
      refusal.description
        == "Timed out: 1 MiB asked, 64 KiB free, 0 bytes pinned. A longer timeout would help.")
    refusal.pinned = 65536
    refusal.holderProcess = 12
    refusal.holderSession = 3
    #expect(
      refusal.description
        == "Timed out: 1 MiB asked, 64 KiB free, 64 KiB pinned. "
        + "A longer timeout or unpinning would help. In the way: process 12 (session 3).")
    refusal.reason = .notMigratable
    #expect(
      refusal.description
        == "This range cannot be migrated: 64 KiB of it are pinned. Unpinning would help. "
        + "In the way: process 12 (session 3).")
    #expect(Refusal(.notMigratable, asked: 1).description.contains("without oversubscription"))
  }

  @Test func sizesAreReadableAndNeverRoundedUp() {
    let sizes: [(UInt64, String)] = [
      (0, "0 bytes"), (1, "1 byte"), (1023, "1023 bytes"), (1024, "1 KiB"), (1025, "1 KiB"),
      (1536, "1.5 KiB"), (2047, "1.9 KiB"), (1 << 20, "1 MiB"), ((1 << 20) - 1, "1023.9 KiB"),
      (3 << 29, "1.5 GiB"), (1 << 60, "1 EiB"), (.max, "15.9 EiB"),
    ]
    for (bytes, text) in sizes { #expect(HumanSize(bytes).description == text) }
  }
}

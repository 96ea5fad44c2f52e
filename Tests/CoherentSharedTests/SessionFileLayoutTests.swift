// The three ranges of a session's memory file.

import Testing

@testable import CoherentShared

struct SessionFileLayoutTests {
  @Test(arguments: [1, 7_679, 7_680, 7_681, 100_000, UInt32.max] as [UInt32])
  func theControlMemoryIsWholePagesBehindTheHostStoreAndHoldsEverySlot(slots: UInt32) {
    let layout = SessionFileLayout(arenaBytes: 1 << 30, controlSlots: slots)
    #expect(layout.controlOffset == 2 << 30)
    #expect(layout.controlBytes % 65536 == 0)
    #expect(layout.controlBytes >= 4096 + 8 * UInt64(slots))
    #expect(layout.controlBytes < 4096 + 8 * UInt64(slots) + 65536)
    #expect(layout.fileBytes == layout.controlOffset + layout.controlBytes)
  }

  @Test func aByteOfTheArenaHasItsCopyAtTheSameDistance() {
    let layout = SessionFileLayout(arenaBytes: 1 << 20, controlSlots: 1)
    #expect(layout.storeOffset(of: 0) == 1 << 20)
    #expect(layout.storeOffset(of: (1 << 20) - 1) == layout.controlOffset - 1)
  }
}

// What the daemon that made the region decided, and none after it can change while data is kept:
// the sizes by which every offset in every kept file is counted.

package struct LedgerGeometry: Equatable, Sendable {
  package var blocks: Int
  package var blockBytes: UInt64
  package var frameBytes: UInt64
  package var arenaBytes: UInt64
  /// Of each session's table.
  package var allocationSlots: Int
  package var pinSlots: Int
  /// How many sessions the ledger has room for.
  package var sessionSlots: Int

  package init(
    blocks: Int, blockBytes: UInt64, frameBytes: UInt64, arenaBytes: UInt64, allocationSlots: Int,
    pinSlots: Int, sessionSlots: Int
  ) {
    self.blocks = blocks
    self.blockBytes = blockBytes
    self.frameBytes = frameBytes
    self.arenaBytes = arenaBytes
    self.allocationSlots = allocationSlots
    self.pinSlots = pinSlots
    self.sessionSlots = sessionSlots
  }

  package var regionBytes: UInt64 { UInt64(blocks) * blockBytes }
  package var regionFrames: Int { Int(regionBytes / frameBytes) }

  /// Of each session's table.
  package var table: SessionTableLayout {
    SessionTableLayout(
      frames: Int(arenaBytes / frameBytes), frameBytes: frameBytes,
      allocationSlots: allocationSlots, pinSlots: pinSlots)
  }

  /// Of each session's memory file.
  package var sessionFile: SessionFileLayout {
    SessionFileLayout(arenaBytes: arenaBytes, controlSlots: UInt32(clamping: allocationSlots))
  }
}

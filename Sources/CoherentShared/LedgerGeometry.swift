// What the daemon that made the region decided, and none after it can change while data is kept:
// the sizes by which every offset in every kept file is counted.

package struct LedgerGeometry: Equatable, Sendable {
  /// How many blocks the region has room for.
  package var blocks: Int
  package var blockBytes: UInt64
  package var frameBytes: UInt64
  package var arenaBytes: UInt64
  /// How many sessions the ledger has room for.
  package var sessionSlots: Int

  package init(
    blocks: Int, blockBytes: UInt64, frameBytes: UInt64, arenaBytes: UInt64, sessionSlots: Int
  ) {
    self.blocks = blocks
    self.blockBytes = blockBytes
    self.frameBytes = frameBytes
    self.arenaBytes = arenaBytes
    self.sessionSlots = sessionSlots
  }

  package var regionBytes: UInt64 { UInt64(blocks) * blockBytes }
  package var blockFrames: Int { Int(blockBytes / frameBytes) }
  package var regionFrames: Int { Int(regionBytes / frameBytes) }

  /// Of a session's table, with room for so many allocations.
  package func table(allocationSlots: Int) -> SessionTableLayout {
    SessionTableLayout(
      frames: Int(arenaBytes / frameBytes), frameBytes: frameBytes,
      allocationSlots: allocationSlots, pinSlots: Self.pinSlots)
  }

  /// Of a session's memory file, with a control word for so many allocations.
  package func sessionFile(allocationSlots: Int) -> SessionFileLayout {
    SessionFileLayout(arenaBytes: arenaBytes, controlSlots: UInt32(clamping: allocationSlots))
  }

  /// Enough for the highest limit that can ever be configured, so that a limit may grow while
  /// sessions live. The file is sparse.
  private static let pinSlots = 1 << 16
}

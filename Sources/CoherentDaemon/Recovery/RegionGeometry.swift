// The sizes that cannot change while data is kept: of the configuration at a clean start, of the
// ledger at a recovery.

import CoherentShared

struct RegionGeometry: Equatable, Sendable {
  /// How many blocks there is room for.
  let blocks: Int
  let blockBytes: UInt64
  let frameBytes: UInt64
  let arenaBytes: UInt64

  init(_ configuration: Configuration) {
    blocks = configuration.maximumBlocks
    blockBytes = configuration.blockSizeBytes
    frameBytes = configuration.frameSizeBytes
    arenaBytes = configuration.arenaSizeBytes
  }

  init(_ ledger: LedgerGeometry) {
    blocks = ledger.blocks
    blockBytes = ledger.blockBytes
    frameBytes = ledger.frameBytes
    arenaBytes = ledger.arenaBytes
  }
}

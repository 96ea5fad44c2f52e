// The layout of a session's memory file, which the daemon makes and the client maps:
//
//   0             arenaBytes      2 * arenaBytes            fileBytes
//   | arena       | host store    | control memory          |
//   | mapped by   | evicted frames at the same  | control words, mapped by    |
//   | the client  | offsets, mapped by nobody   | the client and the daemon   |
//
// One file for all, because a descriptor is the scarce thing in a supervisor's store, and because
// the client may spoil its own host store and control words as it may spoil its own arena: what it
// does there harms only itself. Law: the byte of an arena at `offset` has its copy at
// `arenaBytes + offset`. The file is sealed against shrinking and growing, so no access to any of
// its ranges can fail; the client can still punch holes, which then read as zeros.

package struct SessionFileLayout: Equatable, Sendable {
  package let arenaBytes: UInt64
  /// How many control words there are at least; rounding up to pages adds some.
  package let controlSlots: UInt32

  package init(arenaBytes: UInt64, controlSlots: UInt32) {
    self.arenaBytes = arenaBytes
    self.controlSlots = controlSlots
  }

  package var fileBytes: UInt64 { controlOffset + controlBytes }

  /// Where in the file the copy of an arena's offset lies.
  package func storeOffset(of arenaOffset: UInt64) -> UInt64 { arenaBytes + arenaOffset }

  /// Where in the file the control memory begins; a multiple of the page size as the arena is.
  package var controlOffset: UInt64 { 2 * arenaBytes }

  /// The length of the control memory: whole pages of every size that Linux has. What is never
  /// touched costs nothing, the file is sparse.
  package var controlBytes: UInt64 {
    let needed = UInt64(ControlWords.headerBytes) + UInt64(controlSlots) * 8
    return (needed + Self.largestPageBytes - 1) / Self.largestPageBytes * Self.largestPageBytes
  }

  private static let largestPageBytes: UInt64 = 64 << 10
}

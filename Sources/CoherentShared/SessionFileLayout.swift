// The layout of a session's memory file, which the daemon makes and the client maps:
//
//   0             arenaBytes      2 * arenaBytes
//   | arena       | host store    |
//   | mapped by   | evicted frames at the same  |
//   | the client  | offsets, mapped by nobody   |
//
// One file for both, because a descriptor is the scarce thing in a supervisor's store, and because
// the client may spoil its own host store as it may spoil its own arena: what it does there harms
// only itself. Law: the byte of an arena at `offset` has its copy at `arenaBytes + offset`.

package struct SessionFileLayout: Equatable, Sendable {
  package let arenaBytes: UInt64

  package init(arenaBytes: UInt64) { self.arenaBytes = arenaBytes }

  package var fileBytes: UInt64 { 2 * arenaBytes }

  /// Where in the file the copy of an arena's offset lies.
  package func storeOffset(of arenaOffset: UInt64) -> UInt64 { arenaBytes + arenaOffset }
}

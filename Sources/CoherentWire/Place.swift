// Where the bytes of one frame live. The daemon's table of places is the only authority: what the
// page cache happens to hold is never asked.

/// The place of one frame, as the design names it.
package enum Place: UInt8, CaseIterable, Sendable {
  /// Reads as zero; a device frame is reserved for it, nothing was ever written.
  case untouched = 0
  /// In the arena, on a device frame.
  case device = 1
  /// In the arena, charged to host memory.
  case host = 2
  /// In the arena's host store, not mapped; an access brings it back.
  case stored = 3
  /// On its way from the device (or the host) to the host store.
  case evicting = 4
  /// On its way from the host store into the arena.
  case restoring = 5
}

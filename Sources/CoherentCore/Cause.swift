// Why something was done: one word for each reason that the core has. An administrator's program
// may depend on the words that the daemon makes of them, so a reason is added and never renamed.

package enum Cause: UInt8, CaseIterable, Sendable {
  case unknown

  // MARK: of what moves
  /// Free device memory fell below the low watermark.
  case pressure
  /// An allocation waits for frames.
  case allocation
  /// An administrator ordered it.
  case administrator
  /// Somebody asked for a migration: of these frames, or of others that need the room.
  case migration
  case longTermPin
  /// The memory block that it lay in is going offline.
  case blockOffline
  /// A thread touched it.
  case access
  case pin
  /// The owner said that it will need it.
  case advice
  /// The device had room again for what had to go to host memory.
  case promotion
  /// The daemon stops, and hands everything back.
  case stopping

  // MARK: of what ended
  /// Its time was over.
  case lease

  // MARK: of refusals
  case limit
  case deviceFull
  case hostFull
  case timedOut
  case notMigratable
  case notPermitted
  case invalidRequest

  // MARK: of states
  case began
  case ended
  /// The daemon before this one had died.
  case recovery
}

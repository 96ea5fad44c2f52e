// Whether a session's table is in force.

package enum TableStanding: UInt64, Sendable {
  /// It says where everything is, also when its daemon has died.
  case live = 0
  /// The daemon has ended the session, and its memory is gone.
  case ended = 1
  /// The daemon has brought everything back into the arena and left it to its client.
  case surrendered = 2
}

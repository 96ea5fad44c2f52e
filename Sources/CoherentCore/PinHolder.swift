// A session that pins what somebody wanted to move, and how much of it: what a refusal and an
// administrator's answer say about who stands in the way.

import CoherentWire

package struct PinHolder: Equatable, Sendable {
  package var session: SessionID
  package var process: UInt32
  /// Frames that it pins.
  package var frames: Int

  /// An answer names no more than this.
  package static let maximumNamed = 16
}

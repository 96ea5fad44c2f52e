// What the daemon tells a client unasked. An event answers no request and expects no answer; its
// packet has the request number 0.

package enum Event: Equatable, Sendable {
  /// A lease ran out while it was held, and the pins are gone: one pin, or, where there is no pin
  /// number, all that were counted in the allocation's control word.
  case leaseRevoked(HandleID, PinID?, pins: UInt32)
  /// Another daemon has taken the session over, since the last one died: everything is as it was,
  /// but for requests that were not answered. Those are to be sent again, marked as repeats.
  /// `generation` counts the daemons.
  case recovered(generation: UInt32)
  /// The session's memory file holds so many bytes that no allocation accounts for. If it holds
  /// more than `limitBytes` of such at the next look, the session is ended.
  case memoryUnaccounted(bytes: UInt64, limitBytes: UInt64)
}

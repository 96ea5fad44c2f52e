// Every bound of the administration server in one place. None grows; what goes over one is refused
// or waits.

package enum ControlLimits {
  /// The longest call.
  package static let callBytes = 64 * 1024
  /// The longest reply that a client takes.
  package static let replyBytes = 1024 * 1024
  /// Entries of a list in one reply: at most some 40 KiB of text.
  package static let entriesPerReply = 64
  /// Runs of the map in one reply: at most some 64 KiB of text.
  package static let runsPerReply = 512
  /// With this much unsent, no further reply is made. One reply may go beyond it.
  package static let outputBytes = 64 * 1024
  /// Bytes that one read takes from a socket.
  package static let readBytes = 16 * 1024
  /// Calls and pieces of one connection in one round, so that the others have their turn.
  package static let stepsPerTurn = 16
  package static let connections = 64
  /// Of them, for callers who may only ask who we are.
  package static let strangers = 8
  /// Orders under way at once, those of callers who have left included. As many as connections, so
  /// that only leaving early and often can reach it.
  package static let orders = 64
  /// Of the connections, those that wait for what happens next.
  package static let followers = 16
  /// They are woken no more often than this, however much happens.
  package static let followPauseMilliseconds: UInt64 = 20
  /// For so long a connection may be silent although others wait for its place.
  package static let graceMilliseconds: UInt64 = 100
  /// A connection that asks for nothing is closed after this.
  package static let idleMilliseconds: UInt64 = 300_000
  /// A connection that does not read its replies, or does not finish its call, is closed.
  package static let stalledMilliseconds: UInt64 = 30_000
}

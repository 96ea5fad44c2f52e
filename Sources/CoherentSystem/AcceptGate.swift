// Whether a listening socket is watched: one way for all who accept. When descriptors or memory
// have run out, accept(2) fails and the peer stays in the queue, so that the socket goes on being
// readable: a loop that watches it on would spin. Times are milliseconds of the monotonic clock.

package struct AcceptGate {
  /// How long nobody is accepted after an accept has failed.
  package static let pauseMilliseconds: UInt64 = 1000

  private let listener: CInt
  private let token: UInt64
  private var isWatched = true
  private var isEnded = false
  /// When it opens again; in the past while it does not pause.
  private var opensAt: UInt64 = 0

  /// For a listener that is watched with this token.
  package init(listener: CInt, token: UInt64) {
    self.listener = listener
    self.token = token
  }

  /// An accept has failed.
  package mutating func pause(now: UInt64) { opensAt = now + Self.pauseMilliseconds }

  /// When it has to be looked at again; nil if nothing is waited for.
  package func deadline(now: UInt64) -> UInt64? { opensAt > now ? opensAt : nil }

  /// Nobody is accepted any more.
  package mutating func end(_ epoll: borrowing Epoll) {
    if isWatched { try? epoll.remove(listener) }
    isWatched = false
    isEnded = true
  }

  /// Watches the listener, or stops: peers wait in its queue while there is no room for them.
  package mutating func update(
    _ epoll: borrowing Epoll, hasRoom: Bool = true, now: UInt64
  ) throws(SystemError) {
    let shouldWatch = hasRoom && now >= opensAt && !isEnded
    guard shouldWatch != isWatched else { return }
    if shouldWatch {
      try epoll.add(listener, readable: true, token: token)
    } else {
      try epoll.remove(listener)
    }
    isWatched = shouldWatch
  }
}

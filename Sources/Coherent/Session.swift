// One session with the daemon: the connection, the arena, and what the daemon said at the start.
// The client and every buffer and pin hold it, so that no pointer dies under a buffer; closing it
// ends it for all of them.

import CoherentSystem
import CoherentWire

final class Session: @unchecked Sendable {
  // SAFETY: `arena` is guarded by `lock`; the rest never changes.
  let connection: Connection
  let welcome: Welcome
  let isFullMode: Bool
  private let lock = Lock()
  private var arena: Arena?

  init(connection: Connection, arena: Arena, welcome: Welcome, isFullMode: Bool) {
    self.connection = connection
    self.arena = arena
    self.welcome = welcome
    self.isFullMode = isFullMode
  }

  deinit {
    if connection.isForked {
      // See `Connection`: in a forked child a lock may be held for ever.
      _ = Unmanaged.passRetained(lock)
    } else {
      connection.close()
    }
  }

  var frameBytes: Int { Int(welcome.frameBytes) }

  /// Ends the session: every call fails from now on, the arena is unmapped, and the daemon frees
  /// all that was held.
  func close() {
    if connection.isForked { return }
    // The mapping goes first, where no call needs it; one that does drops it when it returns.
    let arena = lock.withLock { self.arena.take() }
    connection.close()
    _ = arena
  }

  /// The arena, for as long as the caller holds it.
  func heldArena() throws(CoherentError) -> Arena {
    if connection.isForked { throw CoherentError(.notConnected, .forkedChild) }
    guard let arena = lock.withLock({ self.arena }) else {
      throw CoherentError(.notConnected, .closedByCaller)
    }
    return arena
  }

  /// Asks the daemon; throws its refusal.
  func call(
    _ request: Request, timeoutMilliseconds: UInt32 = 0
  ) throws(CoherentError) -> Reply {
    do throws(Refusal) {
      let reply = try connection.call(request, timeoutMilliseconds: timeoutMilliseconds)
      if case .refused(let refusal) = reply { throw refusal }
      return reply
    } catch {
      throw CoherentError(error)
    }
  }

  /// A timeout as the protocol counts it, checked against the daemon's longest.
  func timeoutMilliseconds(_ timeout: Duration) throws(CoherentError) -> UInt32 {
    let milliseconds = timeout.wholeMilliseconds
    let limit = UInt64(welcome.maximumTimeoutMilliseconds)
    guard milliseconds <= limit else {
      throw CoherentError(
        Refusal(.invalidRange, .timeoutTooLong, asked: milliseconds, limit: limit))
    }
    return UInt32(milliseconds)
  }

  /// A lease as the protocol counts it, checked against the daemon's longest.
  func leaseMilliseconds(_ lease: Duration) throws(CoherentError) -> UInt32 {
    let milliseconds = lease.wholeMilliseconds
    let limit = UInt64(welcome.maximumLeaseMilliseconds)
    guard milliseconds <= limit else {
      throw CoherentError(Refusal(.leaseTooLong, asked: milliseconds, limit: limit))
    }
    return UInt32(milliseconds)
  }
}

/// A reply of another kind than its request's never gets here: the table of calls refuses it.
func unreachableReply(_ reply: Reply) -> Never {
  fatalError("a reply has its request's kind: \(reply)")
}

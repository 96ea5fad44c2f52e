// One session with the daemon: the connection, the arena, the control words, and what the daemon
// said at the start. The client and every buffer and pin hold it, so that no pointer dies under a
// buffer; closing it ends it for all of them. The control words outlive the end, until nobody holds
// the session: a thread that pins while another one closes meets words that nobody reads, never an
// address that is gone.

import CoherentShared
import CoherentSystem
import CoherentWire
import Synchronization

@usableFromInline
final class Session: @unchecked Sendable {
  // SAFETY: `arena` is guarded by `lock`; the count is atomic; the rest never changes.
  let connection: Connection
  let welcome: Welcome
  let isFullMode: Bool
  /// Down when the connection is known to have ended, and in forked children: then no word may be
  /// looked at.
  @usableFromInline let isOpen: ProcessFlag
  let words: ControlWords
  /// The longest lease of a fast pin, in the unit in which comparing it needs no call.
  @usableFromInline let defaultLeaseAttoseconds: Int128
  /// Ends its guardian's work.
  let bell: Bell
  private let allocations = Atomic(0)
  private let lock = Lock()
  private var arena: Arena?

  init(
    connection: Connection, arena: Arena, words: ControlWords, welcome: Welcome, isFullMode: Bool
  ) throws(SystemError) {
    bell = try Bell()
    self.connection = connection
    self.isOpen = connection.isOpen
    self.arena = arena
    self.words = words
    self.defaultLeaseAttoseconds =
      Duration.milliseconds(welcome.defaultLeaseMilliseconds).attoseconds
    self.welcome = welcome
    self.isFullMode = isFullMode
  }

  deinit {
    if connection.isForked {
      // See `Connection`: in a forked child a lock may be held for ever. The words are not there,
      // and what is at their address now is not ours to unmap.
      _ = Unmanaged.passRetained(lock)
      _ = Unmanaged.passRetained(words)
    } else {
      Thread.withoutCancellation {
        bell.ring()
        connection.close()
      }
    }
  }

  var frameBytes: Int { Int(welcome.frameBytes) }

  /// Ends the session: every call fails from now on, the arena is unmapped, and the daemon frees
  /// all that was held.
  func close() {
    if connection.isForked { return }
    // The mapping goes first, where no call needs it; one that does drops it when it returns.
    let arena = lock.withLock { self.arena.take() }
    bell.ring()
    connection.close()
    _ = arena
  }

  // MARK: Without its daemon

  /// The arena, unless the session was closed; not for forked children.
  var arenaIfOpen: Arena? { lock.withLock { arena } }

  /// The arena if its daemon has gone and the memory is this process's own; nil otherwise.
  var ownMemory: Arena? {
    if connection.isForked { return nil }
    return arenaIfOpen.flatMap { $0.isOwnMemory ? $0 : nil }
  }

  /// Ends a pin after the connection has ended. Memory that is the process's own stays where it is,
  /// so the pin has held; otherwise throws why nothing can be said of it.
  @usableFromInline
  func endPinWithoutDaemon() throws(CoherentError) {
    if ownMemory == nil { throw endReason }
  }

  var hasAllocations: Bool { allocations.load(ordering: .relaxed) > 0 }

  // Relaxed: the count decides only how long the memory is kept after its daemon has gone, and then
  // no allocation begins any more.
  func countAllocation() { allocations.add(1, ordering: .relaxed) }

  func countFree() { allocations.subtract(1, ordering: .relaxed) }

  /// The arena, for as long as the caller holds it.
  func heldArena() throws(CoherentError) -> Arena {
    if connection.isForked { throw CoherentError(.notConnected, .forkedChild) }
    guard let arena = lock.withLock({ self.arena }) else {
      throw CoherentError(.notConnected, .closedByCaller)
    }
    return arena
  }

  /// Why nothing can be done any more, once `isOpen` is down.
  @usableFromInline
  var endReason: CoherentError {
    CoherentError(connection.endReason ?? Refusal(.notConnected, .closedByCaller))
  }

  /// Asks the daemon; throws its refusal.
  func call(
    _ request: Request, timeoutMilliseconds: UInt32 = 0
  ) throws(CoherentError) -> Reply {
    do throws(Refusal) {
      // A thread that is cancelled in it would leave a lock, or the turn to read, taken for ever.
      let reply = try Thread.withoutCancellation { () throws(Refusal) -> Reply in
        try connection.call(request, timeoutMilliseconds: timeoutMilliseconds)
      }
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

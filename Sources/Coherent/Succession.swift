// The sessions of one client: the one that its calls go to, and those before it, whose daemons are
// gone and whose memory the program still uses. Sessions end by `close`, or with the client.

import CoherentSystem
import CoherentWire

final class Succession: @unchecked Sendable {
  // SAFETY: `sessions` and `isClosed` are guarded by `lock`; see `current` for forked children.
  private let lock = Lock()
  private let ownerProcess = Process.id
  private let socketPath: String?
  /// Never empty; the last one is the current one.
  private var sessions: [Session]
  private var isClosed = false

  /// Begins with a session, whose guardian is started.
  init(_ session: Session, socketPath: String?) throws(SystemError) {
    sessions = [session]
    self.socketPath = socketPath
    try Guardian.start(for: session, self, socketPath: socketPath)
  }

  deinit {
    // In a forked child another thread of the parent may hold the lock, for ever.
    if isForked { _ = Unmanaged.passRetained(lock) }
  }

  private var isForked: Bool { Process.id != ownerProcess }

  /// The session that calls go to. In a forked child any will do, since all refuse; but nobody
  /// there may wait for the lock.
  var current: Session {
    if isForked { return sessions[sessions.count - 1] }
    return lock.withLock { sessions[sessions.count - 1] }
  }

  var isOpen: Bool { lock.withLock { !isClosed } }

  /// Goes on with a session of another daemon. Those before stay as long as there is an allocation
  /// in them.
  func follow(_ session: Session) {
    var ended: [Session] = []
    let isWelcome = lock.withLock {
      guard !isClosed else { return false }
      ended = sessions.filter { !$0.hasAllocations }
      sessions.removeAll { !$0.hasAllocations }
      sessions.append(session)
      return true
    }
    do throws(SystemError) {
      guard isWelcome else { return session.close() }
      try Guardian.start(for: session, self, socketPath: socketPath)
    } catch {
      // No thread can be had: it is used all the same, as one whose daemon may not die.
    }
    // Outside the lock: unmapping takes its time.
    _ = ended
  }

  /// Ends all of them, for good.
  func close() {
    if isForked { return }
    let sessions = lock.withLock {
      isClosed = true
      return self.sessions
    }
    for session in sessions { session.close() }
  }
}

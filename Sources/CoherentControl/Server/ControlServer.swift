// The administration server: one thread with an epoll instance of its own, apart from the daemon's
// control loop, so that no administrator can hold up a client. Owned by the daemon, who starts it
// with a listening socket and stops it. It decides nothing about memory: it asks the source.
import CoherentSystem
import CoherentWire
import Synchronization

package final class ControlServer: Sendable {
  /// What the daemon may want to log. Nothing of it needs an answer.
  package enum Event: Sendable {
    /// This peer's connection was ended for what it sent.
    case misbehaved(PeerCredentials, ControlConnection.Violation)
    /// This peer is no administrator, and there are too many like it.
    case turnedAway(PeerCredentials)
    /// Nobody can be accepted for a while.
    case acceptFailed(SystemError)
  }

  package struct Settings: Sendable {
    package var administrators: AdministratorRule
    package var info: ServiceInfo
    /// Called on the server's thread.
    package var report: @Sendable (Event) -> Void

    package init(
      administrators: AdministratorRule, info: ServiceInfo,
      report: @escaping @Sendable (Event) -> Void
    ) {
      self.administrators = administrators
      self.info = info
      self.report = report
    }
  }

  private let resources: ControlResources
  private let thread: Thread

  /// Starts to serve. Takes ownership of the listening stream socket, which must be non-blocking;
  /// its file stays the caller's to remove.
  package init(
    listener: consuming LocalSocket, settings: Settings, source: any ControlSource
  ) throws(SystemError) {
    let resources = try ControlResources(listener: listener)
    self.resources = resources
    // JSON of 32 levels and Foundation's frames for it are far from this much stack.
    thread = try Thread.start(name: "control", stackBytes: 1024 * 1024) {
      ControlLoop(resources, settings, source).run()
    }
  }

  /// Something has happened that those who follow the events want to see. From any thread, at any
  /// rate: nobody is woken who does not wait, and one wake covers all that has happened until then.
  package func wakeFollowers() {
    if resources.followers.ring() { resources.bell.signal() }
  }

  /// Ends the thread and every connection, and waits for that. Orders that are under way end in the
  /// daemon; nobody hears their result. May be called twice.
  package func stop() {
    if resources.requestStop() { thread.join() }
  }

  deinit { stop() }
}

extension ControlServer.Event: CustomStringConvertible {
  /// A sentence for the log.
  package var description: String {
    switch self {
    case .misbehaved(let peer, let violation):
      "process \(peer.process) of user \(peer.user) \(violation.rawValue)"
    case .turnedAway(let peer):
      "process \(peer.process) of user \(peer.user) was turned away: it is no administrator, and "
        + "too many like it are connected"
    case .acceptFailed(let error): "nobody can be accepted for now: \(error)"
    }
  }
}

/// What the server's thread and everybody else share.
final class ControlResources: Sendable {
  /// The reply to the call that the connection with this token waits for.
  struct Finished: Sendable {
    var token: UInt64
    var reply: [UInt8]
  }

  private struct Inbox {
    var finished: [Finished] = []
    var isStopping = false
  }

  let listener: LocalSocket
  let epoll: Epoll
  let bell: EventCounter
  let followers = Followers()
  /// At most `ControlLimits.orders` entries, since each order ends once.
  private let inbox = Mutex(Inbox())

  init(listener: consuming LocalSocket) throws(SystemError) {
    self.listener = listener
    epoll = try Epoll()
    bell = try EventCounter()
  }

  /// Hands a reply over, from any thread.
  func post(_ finished: Finished) {
    inbox.withLock { $0.finished.append(finished) }
    bell.signal()
  }

  /// Everything that was posted; nil once the thread should end.
  func takePosted() -> [Finished]? {
    inbox.withLock { inbox in
      if inbox.isStopping { return nil }
      defer { inbox.finished = [] }
      return inbox.finished
    }
  }

  /// True the first time.
  func requestStop() -> Bool {
    let isFirst = inbox.withLock { inbox in
      defer { inbox.isStopping = true }
      return !inbox.isStopping
    }
    bell.signal()
    return isFirst
  }
}

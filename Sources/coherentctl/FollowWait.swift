// Waiting for what the daemon says next, and for what ends that: a signal, or that nobody reads the
// output any more.
import CoherentSystem

struct FollowWait: ~Copyable {
  private static let socketToken: UInt64 = 0
  private static let signalToken: UInt64 = 1
  private static let outputToken: UInt64 = 2

  private let signals: EndSignals
  private let epoll: Epoll

  init() throws(Complaint) {
    let signals = try EndSignals()
    let epoll = try signals.epoll(token: Self.signalToken)
    self.signals = signals
    self.epoll = epoll
    // A file cannot be watched, and has no reader that leaves.
    try? self.epoll.add(StandardOutput.raw, readable: false, token: Self.outputToken)
  }

  /// False if something came that ends it first.
  func untilReadable(_ socket: CInt) -> Bool {
    // It is watched from the first time on, and forgotten by the kernel when it is closed.
    try? epoll.add(socket, readable: true, token: Self.socketToken)
    while true {
      switch next(timeoutMilliseconds: -1) {
      case .socket: return true
      case .nothing: continue
      case .end: return false
      }
    }
  }

  /// Lets some time go by; false if something came that ends it first. No socket is watched.
  func pause(milliseconds: Int32) -> Bool {
    if case .end = next(timeoutMilliseconds: milliseconds) { return false }
    return true
  }

  private enum Event {
    case socket
    case nothing
    case end
  }

  private func next(timeoutMilliseconds: Int32) -> Event {
    var ready = [Epoll.Ready](repeating: Epoll.Ready(), count: 3)
    let count = ready.withUnsafeMutableBufferPointer {
      epoll.wait(into: $0, timeoutMilliseconds: timeoutMilliseconds)
    }
    var event = Event.nothing
    for one in ready[..<count] {
      switch one.token {
      case Self.socketToken: event = .socket
      case Self.signalToken: return .end
      default: if one.failed || one.hangUp { return .end }
      }
    }
    return event
  }

  /// The signal that ended it, if one did.
  func signal() -> CInt? { signals.wait(milliseconds: 0) }
}

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
    // The same socket every time: it is watched from the first time on.
    try? epoll.add(socket, readable: true, token: Self.socketToken)
    var ready = [Epoll.Ready](repeating: Epoll.Ready(), count: 3)
    while true {
      let count = ready.withUnsafeMutableBufferPointer {
        epoll.wait(into: $0, timeoutMilliseconds: -1)
      }
      for event in ready[..<count] {
        switch event.token {
        case Self.socketToken: continue
        case Self.signalToken: return false
        default: if event.failed || event.hangUp { return false }
        }
      }
      if ready[..<count].contains(where: { $0.token == Self.socketToken }) { return true }
    }
  }

  /// The signal that ended it, if one did.
  func signal() -> CInt? { signals.wait(milliseconds: 0) }
}

// Orders evictions of this process's own session, as an administrator would.

import CoherentControl
import CoherentSystem
import CoherentWire

struct OwnEvictor: ~Copyable {
  private var control: ControlClient
  private let session: SessionID

  /// What a daemon allows unless it was configured otherwise.
  private static let timeoutMilliseconds: UInt32 = 60_000

  /// This process has one session with the daemon.
  init(_ daemon: Daemon) throws {
    var control = try ControlClient(path: daemon.controlPath)
    let process = Process.id
    var own: [SessionID] = []
    try control.sessions { page in
      own += page.filter { $0.process == process }.map(\.session)
    }
    guard let last = own.last else { throw BenchFailure("the daemon does not list our session") }
    session = last
    self.control = control
  }

  /// Evicts what the session has on the device, which is so many frames.
  mutating func evictAll(frames: Int) throws {
    var order = EvictionOrder()
    order.session = session
    order.timeoutMilliseconds = Self.timeoutMilliseconds
    let start = Clock.monotonicNanoseconds()
    let report = try control.evict(order)
    guard report.evictedFrames == UInt64(frames) else {
      let milliseconds = (Clock.monotonicNanoseconds() - start) / 1_000_000
      throw BenchFailure(
        "the daemon evicted \(report.evictedFrames) of \(frames) frames and stopped there, after "
          + "\(milliseconds) ms")
    }
  }
}

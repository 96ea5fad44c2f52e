// Orders evictions of this process's own session, as an administrator would.

import CoherentControl
import CoherentSystem
import CoherentWire

struct OwnEvictor: ~Copyable {
  private var control: ControlClient
  private let session: SessionID

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
    let report = try control.evict(order)
    guard report.evictedFrames == UInt64(frames) else {
      throw BenchFailure("\(report.evictedFrames) of \(frames) frames were evicted")
    }
  }
}

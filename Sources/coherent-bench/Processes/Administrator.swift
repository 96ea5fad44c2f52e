// Who asks for the daemon's status all the while, each time on a new connection as coherentctl
// does, and remembers the longest wait for an answer.

import CoherentControl
import CoherentSystem

struct Administrator {
  var longestMilliseconds: Double = 0
  private let daemon: Daemon

  init(_ daemon: Daemon) { self.daemon = daemon }

  mutating func look() throws {
    let start = Clock.monotonicNanoseconds()
    _ = try daemon.status()
    let took = Double(Clock.monotonicNanoseconds() - start) / 1e6
    longestMilliseconds = max(longestMilliseconds, took)
  }

  /// Looks, and does something else in between, until the time is over.
  mutating func work(
    for nanoseconds: UInt64, _ besides: (inout ControlClient) throws -> Void
  ) throws {
    let end = Clock.monotonicNanoseconds() + nanoseconds
    let never = Pending()
    repeat {
      try look()
      var control = try ControlClient(path: daemon.controlPath)
      try besides(&control)
      _ = never.wait(milliseconds: 5)
    } while Clock.monotonicNanoseconds() < end
  }
}

extension ControlClient {
  /// Takes the last memory block offline, waits for that, and brings it back.
  mutating func replug() throws {
    guard let last = try blocks().last else { return }
    _ = try offlineBlocks(OfflineOrder(blocks: [last.block]))
    let deadline = Clock.monotonicNanoseconds() + 10_000_000_000
    while try blocks().last?.state == .goingOffline {
      guard Clock.monotonicNanoseconds() < deadline else {
        throw BenchFailure("a memory block does not go offline beside an attack")
      }
    }
    _ = try onlineBlocks(BlocksOrder(blocks: [last.block]))
  }
}

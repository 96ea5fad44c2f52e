// An administrator's order that waits at the socket while the daemon dies and comes back: it is
// performed by a daemon that knows every session again, or not at all.

import CoherentControl
import CoherentSystem
import Glibc
import Synchronization
import Testing

extension IntegrationTests {
  @Suite struct EarlyOrders {
    private static let settings = ["Region.Blocks": "4", "Region.FrameSize": "4K"]

    @Test func theFirstOrderFindsEverySession() throws {
      let socket = try NotifySocket()
      try TestDaemon.with(Self.settings, environment: socket.environment()) { daemon in
        let clients = try (0..<8).map { _ in try daemon.client() }
        let buffers = try clients.map { try $0.allocate(512 << 10) }
        for round in 1...6 {
          for (client, buffer) in zip(clients, buffers) {
            try client.done("fill \(buffer) \(round)")
          }
          try daemon.send(signal: SIGKILL)
          let order = try EarlyOrder(daemon)
          try daemon.goOn(socket.store)
          #expect(order.outcome() == nil)
          for (client, buffer) in zip(clients, buffers) {
            try client.done("verify \(buffer) \(round)")
          }
        }
      }
    }
  }
}

/// Has everything evicted as soon as anybody listens.
private final class EarlyOrder: @unchecked Sendable {
  // SAFETY: a constant, a lock, and a thread that its owner joins.
  private let trouble = Mutex<String?>(nil)
  private var thread: Thread?
  private static let patienceNanoseconds: UInt64 = 60_000_000_000

  init(_ daemon: TestDaemon) throws {
    let path = daemon.controlPath
    thread = try Thread.start(name: "early-order", stackBytes: 1 << 20) { [unowned self] in
      let latest = Clock.monotonicNanoseconds() + Self.patienceNanoseconds
      while Clock.monotonicNanoseconds() < latest {
        guard var control = try? ControlClient(path: path, answerMilliseconds: 60_000) else {
          Thread.yield()
          continue
        }
        do throws(ControlFailure) {
          _ = try control.evict(EvictionOrder())
        } catch {
          trouble.withLock { $0 = "\(error)" }
        }
        return
      }
      trouble.withLock { $0 = "nobody listens" }
    }
  }

  /// What went wrong; waits until the order is performed.
  func outcome() -> String? {
    thread?.join()
    thread = nil
    return trouble.withLock { $0 }
  }

  deinit { thread?.join() }
}

// An administrator's order that waits at the supervisor's socket while the daemon dies: the first
// thing that the next one reads is performed by a daemon that knows every session again.

import CoherentControl
import CoherentSystem
import Glibc
import Synchronization
import Testing

extension IntegrationTests {
  @Suite struct EarlyOrders {
    private static let settings = ["Region.Blocks": "4", "Region.FrameSize": "4K"]
    /// As the socket unit names it.
    private static let name = "varlink"

    @Test func anOrderThatWaitedFindsEverySession() throws {
      let supervisor = try NotifySocket()
      let store = supervisor.store
      try TestDaemon.with(Self.settings, environment: supervisor.environment()) { daemon in
        // Those that come first are gone on with first; that takes the next daemon a while.
        let crowd = try (0..<100).map { _ in try RawClient.attached(daemon) }
        let clients = try (0..<8).map { _ in try daemon.client() }
        let buffers = try clients.map { try $0.allocate(512 << 10) }
        for round in 1...4 {
          for (client, buffer) in zip(clients, buffers) {
            try client.done("fill \(buffer) \(round)")
          }
          try daemon.send(signal: SIGKILL)
          #expect(daemon.hasEnded(withinMilliseconds: 60_000))
          if round == 1 { try Self.listen(at: daemon.controlPath, for: store) }
          let order = try EarlyOrder(daemon)
          try daemon.goOn(store)
          #expect(order.outcome() == nil)
          for (client, buffer) in zip(clients, buffers) {
            try client.done("verify \(buffer) \(round)")
          }
        }
        // The last one has a socket of its own again, which it takes away.
        store.take(["FDSTOREREMOVE": "1", "FDNAME": Self.name], [])
        try daemon.dieAndGoOn(store)
        #expect(crowd.count == 100)
      }
    }

    private static func listen(at path: String, for store: KeptStore) throws {
      let socket = try LocalSocket.listen(path: path, kind: .stream, mode: 0o600)
      store.add(name, Descriptor(owning: socket.release()))
    }
  }
}

/// Connects at once, and has everything evicted as soon as anybody answers.
private final class EarlyOrder: @unchecked Sendable {
  // SAFETY: a lock, and a thread that its owner joins.
  private let trouble = Mutex<String?>(nil)
  private var thread: Thread?

  init(_ daemon: TestDaemon) throws {
    let path = daemon.controlPath
    thread = try Thread.start(name: "early-order", stackBytes: 1 << 20) { [unowned self] in
      do throws(ControlFailure) {
        var control = try ControlClient(path: path, answerMilliseconds: 60_000)
        _ = try control.evict(EvictionOrder())
      } catch {
        trouble.withLock { $0 = "\(error)" }
      }
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

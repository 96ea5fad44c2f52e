// Evicts frames at random until it is stopped: allocations of random clients, by an administrator's
// orders, and now and then one is migrated to the host or to the device.

import CoherentControl
import CoherentSystem
import Synchronization

final class Evictor: @unchecked Sendable {
  // SAFETY: constants, atomics, and a thread that its owner joins.
  private let isStopping = Atomic<Bool>(false)
  private let trouble = Mutex<String?>(nil)
  private var thread: Thread?

  /// `migrates`: every so many orders one is a migration; nil for none.
  init(_ daemon: TestDaemon, seed: UInt64, migrates: Int? = nil) throws {
    let path = daemon.controlPath
    thread = try Thread.start(name: "evictor", stackBytes: 1 << 20) { [unowned self] in
      do throws(ControlFailure) {
        try run(path, seed, migrates)
      } catch {
        trouble.withLock { $0 = "\(error)" }
      }
    }
  }

  private func run(_ path: String, _ seed: UInt64, _ migrates: Int?) throws(ControlFailure) {
    var control = try ControlClient(path: path, answerMilliseconds: 60_000)
    var random = SeededNumbers(seed: seed)
    var orders = 0
    while !isStopping.load(ordering: .relaxed) {
      var allocations: [AllocationReport] = []
      try control.allocations(of: nil) { allocations += $0 }
      for _ in 0..<64 where !isStopping.load(ordering: .relaxed) {
        guard let victim = allocations.randomElement(using: &random) else { break }
        orders += 1
        do throws(ControlFailure) {
          if let migrates, orders % migrates == 0 {
            var order = MigrationOrder(
              session: victim.session, allocation: victim.allocation,
              target: orders % (2 * migrates) == 0 ? .host : .device)
            order.timeoutMilliseconds = 50
            _ = try control.migrate(order)
          } else {
            var order = EvictionOrder()
            order.session = victim.session
            order.allocation = victim.allocation
            _ = try control.evict(order)
          }
        } catch {
          // Freed meanwhile, or too full: the next one.
          guard case .call = error else { throw error }
        }
      }
    }
  }

  /// Ends it; what went wrong.
  func stop() -> String? {
    isStopping.store(true, ordering: .relaxed)
    thread?.join()
    thread = nil
    return trouble.withLock { $0 }
  }

  deinit { invariant(thread == nil, "an evictor is stopped before it is forgotten") }
}

/// Reproducible random numbers: SplitMix64.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

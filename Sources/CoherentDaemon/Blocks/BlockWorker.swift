// The thread that performs orders about memory blocks, one after the other: committing the memory
// of a block, and looking where it lies, take longer than anybody who waits for the core's lock, or
// for the control server, may be held up. What may never happen: two orders about blocks at the
// same time, so that what an order has found is true until it is done; or an order that begins when
// whoever gave it has given up.

import CoherentSystem

final class BlockWorker: @unchecked Sendable {
  // SAFETY: `orders` and `isStopping` are touched only under `lock`; `thread` by the daemon's main
  // thread only, which starts and stops it.
  private let lock = Lock()
  private let changed: Condition
  private var orders: [Order] = []
  private var isStopping = false
  private var thread: Thread?

  /// How long an order may wait for those before it: less than its caller waits for the answer.
  enum Patience: UInt64 {
    case soon = 8_000
    case inMinutes = 240_000

    var nanoseconds: UInt64 { rawValue * 1_000_000 }
  }

  private struct Order {
    var latestNanoseconds: UInt64
    var perform: @Sendable (BlockOrders?) -> Void
  }

  let heartbeat = Heartbeat(thread: "blocks")
  private let performer: Performer

  init(_ performer: Performer) {
    self.performer = performer
    changed = Condition(lock: lock)
  }

  func start() throws(SystemError) {
    thread = try Thread.start(name: "blocks") { self.run() }
  }

  /// Has an order performed, or called with nil if it has waited too long. The control server
  /// bounds how many wait.
  func post(_ patience: Patience, _ perform: @escaping @Sendable (BlockOrders?) -> Void) {
    let latest = Clock.monotonicNanoseconds() + patience.nanoseconds
    lock.withLock {
      orders.append(Order(latestNanoseconds: latest, perform: perform))
      changed.signal()
    }
  }

  /// The order that is under way is finished; those that wait are forgotten, with their callers.
  func stop() {
    lock.withLock {
      isStopping = true
      changed.signal()
    }
    thread?.join()
    thread = nil
  }

  private func run() {
    let work = BlockOrders(performer, heartbeat) { [unowned self] in refuseLate() }
    while let order = next() {
      heartbeat.work()
      order.perform(Clock.monotonicNanoseconds() <= order.latestNanoseconds ? work : nil)
      heartbeat.rest()
    }
  }

  /// Lets those go that have waited too long, while another order is under way.
  private func refuseLate() {
    let now = Clock.monotonicNanoseconds()
    let late = lock.withLock {
      let late = orders.filter { $0.latestNanoseconds < now }
      if !late.isEmpty { orders.removeAll { $0.latestNanoseconds < now } }
      return late
    }
    for order in late { order.perform(nil) }
  }

  private func next() -> Order? {
    lock.lock()
    defer { lock.unlock() }
    while orders.isEmpty && !isStopping { _ = changed.wait() }
    return isStopping ? nil : orders.removeFirst()
  }
}

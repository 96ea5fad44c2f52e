// Something that is done on a thread for it alone, because a client can hold it up, and that
// somebody waits for with patience: as long as it goes on. Given up, it comes to its end when the
// client lets it, and nobody hears of it.

import CoherentSystem

final class Errand<Value: Sendable>: @unchecked Sendable {
  // SAFETY: `value` is touched only under `lock`.
  private let lock = Lock()
  private let changed: Condition
  private var value: Value?

  private static var patienceNanoseconds: UInt64 { 1_000_000_000 }
  private static var lookNanoseconds: UInt64 { 50_000_000 }

  init() { changed = Condition(lock: lock) }

  func start(name: String, _ body: @escaping @Sendable () -> Value) throws(SystemError) {
    try Thread.start(name: name) {
      let value = body()
      self.lock.withLock {
        self.value = value
        self.changed.signal()
      }
    }.detach()
  }

  /// Waits for the end of what was started, as long as no call of its thread is held up; nil where
  /// one is. Calls `beat` meanwhile.
  func wait(_ thread: Heartbeat, _ beat: () -> Void) -> Value? {
    while true {
      let now = Clock.monotonicNanoseconds()
      let ended = lock.withLock {
        if value == nil { _ = changed.wait(untilNanoseconds: now + Self.lookNanoseconds) }
        return value
      }
      if let ended { return ended }
      if thread.callNanoseconds(at: now) > Self.patienceNanoseconds { return nil }
      beat()
    }
  }
}

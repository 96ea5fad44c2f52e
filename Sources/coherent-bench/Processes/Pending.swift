// Something that happens once and that threads wait for, with a bound.

import CoherentSystem

final class Pending: @unchecked Sendable {
  // SAFETY: `isFinished` is guarded by `lock`.
  private let lock: Lock
  private let condition: Condition
  private var isFinished = false

  init() {
    lock = Lock()
    condition = Condition(lock: lock)
  }

  func finish() {
    lock.withLock { isFinished = true }
    condition.broadcast()
  }

  /// Whether it has happened, at the latest when the time is over.
  func wait(milliseconds: UInt64) -> Bool {
    let deadline = Clock.monotonicNanoseconds() + milliseconds * 1_000_000
    return lock.withLock {
      while !isFinished, condition.wait(untilNanoseconds: deadline) {}
      return isFinished
    }
  }
}

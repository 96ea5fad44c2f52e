// Waiting for another thread to change what a lock guards. The waiter looks again after every wait:
// waking means that something may have changed, no more.

import Glibc

/// A condition of what one lock guards: pthread_cond_wait(3), on the monotonic clock.
package final class Condition: @unchecked Sendable {
  // SAFETY: allocated in init, freed in deinit, and used by the pthread calls only.
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private let lock: Lock

  package init(lock: Lock) {
    self.lock = lock
    condition = .allocate(capacity: 1)
    condition.initialize(to: pthread_cond_t())
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    let result = pthread_cond_init(condition, &attributes)
    invariant(result == 0, "a condition is made")
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    condition.deallocate()
  }

  /// Gives the lock up, waits for a signal or for the deadline (as `Clock.monotonicNanoseconds`
  /// counts; nil waits for ever), and takes the lock again. The caller holds the lock. False when
  /// the deadline has passed.
  @discardableResult
  package func wait(untilNanoseconds deadline: UInt64? = nil) -> Bool {
    guard let deadline else {
      let result = pthread_cond_wait(condition, lock.mutex)
      invariant(result == 0, "a held lock waits")
      return true
    }
    let bounded = min(deadline, UInt64(Int64.max))
    var time = timespec(
      tv_sec: Int(bounded / 1_000_000_000), tv_nsec: Int(bounded % 1_000_000_000))
    let result = pthread_cond_timedwait(condition, lock.mutex, &time)
    invariant(result == 0 || result == ETIMEDOUT, "a held lock waits")
    return result == 0
  }

  /// Wakes one waiter.
  package func signal() {
    pthread_cond_signal(condition)
  }

  /// Wakes all waiters.
  package func broadcast() {
    pthread_cond_broadcast(condition)
  }
}

// Mutual exclusion of threads of one process. Held for short stretches of memory work: never across
// a system call that can wait, and never by a thread while it touches a registered mapping.

import Glibc

/// A mutex: pthread_mutex_lock(3). Not recursive.
package final class Lock: @unchecked Sendable {
  // SAFETY: allocated in init, freed in deinit, and used by the pthread calls only.
  @usableFromInline package let mutex: UnsafeMutablePointer<pthread_mutex_t>

  package init() {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    let result = pthread_mutex_init(mutex, nil)
    invariant(result == 0, "a mutex is made")
  }

  deinit {
    let result = pthread_mutex_destroy(mutex)
    invariant(result == 0, "a lock is free when it goes")
    mutex.deallocate()
  }

  /// Runs `body` while no other thread runs one under this lock.
  @inlinable
  package func withLock<Result: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    lock()
    defer { unlock() }
    return try body()
  }

  /// For the rare holder that must hand the lock over in pieces; `withLock` otherwise.
  @inlinable
  package func lock() {
    let result = pthread_mutex_lock(mutex)
    invariant(result == 0, "a lock is taken")
  }

  @inlinable
  package func unlock() {
    let result = pthread_mutex_unlock(mutex)
    invariant(result == 0, "a lock is given back")
  }
}

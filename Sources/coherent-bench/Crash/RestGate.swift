// Where the threads of a client rest while everything is compared, and go on afterwards.

import CoherentSystem

final class RestGate: @unchecked Sendable {
  // SAFETY: everything below `lock` is touched under it only.
  private let members: Int
  private let lock = Lock()
  private let changed: Condition
  private var isOpen = false
  private var resting = 0

  init(members: Int) {
    self.members = members
    changed = Condition(lock: lock)
  }

  /// Does step after step while the gate is open, for as long as the process lives.
  func work(_ step: () -> Void) {
    while true {
      lock.withLock {
        guard !isOpen else { return }
        resting += 1
        changed.broadcast()
        while !isOpen { changed.wait() }
        resting -= 1
        changed.broadcast()
      }
      step()
    }
  }

  func open() {
    lock.withLock {
      isOpen = true
      changed.broadcast()
      while resting > 0 { changed.wait() }
    }
  }

  /// Returns when all rest.
  func close() {
    lock.withLock {
      isOpen = false
      while resting < members { changed.wait() }
    }
  }
}

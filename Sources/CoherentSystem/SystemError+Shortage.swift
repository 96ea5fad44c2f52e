// What a failed call says of this process's own means: which of them it was that had run out.

import Glibc

extension SystemError {
  /// What there was not enough of.
  package enum Shortage: Equatable, Sendable {
    /// EMFILE: as many descriptors are open as this process may open.
    case descriptors
    /// ENFILE: as many as the whole system may open.
    case descriptorsOfTheSystem
    /// pthread_create(3) says EAGAIN, for a limit of threads or for no room for a stack.
    case threads
    /// ENOMEM: address space, mappings, or memory.
    case memory
    /// mmap(2) says EAGAIN: what is mapped is locked at once, and no more may be.
    case lockedMemory
  }

  /// Nil if the call failed for another reason.
  package var shortage: Shortage? {
    switch code {
    case EMFILE: .descriptors
    case ENFILE: .descriptorsOfTheSystem
    case EAGAIN where operation == "pthread_create": .threads
    case EAGAIN where operation == "mmap": .lockedMemory
    case ENOMEM, ENOSPC: .memory
    default: nil
    }
  }

  /// Whether the process that the call was about has exited: ESRCH.
  package var isProcessGone: Bool { code == ESRCH }

  /// Whether a filter of system calls or a right stood in the way: EPERM, EACCES.
  package var isForbidden: Bool { code == EPERM || code == EACCES }
}

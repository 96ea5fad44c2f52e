// How a call on a range of somebody's pages ended. All of these are expected: the other process
// faults, forks and exits when it likes.

import Glibc

/// The end of one page call of a userfaultfd.
package enum PageOutcome: Equatable, Sendable {
  /// All of the range.
  case done
  /// A page is mapped or cached already (EEXIST). Nobody was woken.
  case exists
  /// A page is not in the page cache, or the range is not all mapped (EFAULT).
  case notCached
  /// Not all of it, try again (EAGAIN): `doneBytes` from the start of the range are done. With 0
  /// done, the process is changing its mappings, or an event waits to be read.
  case again(doneBytes: UInt64)
  /// The process has exited (ESRCH).
  case gone
  /// Anything else, as errno(3).
  case failed(CInt)

  /// Sorts the result of an ioctl; `done` is what the kernel wrote beside it.
  init(result: CInt, done: Int64 = 0) {
    if result == 0 {
      self = .done
      return
    }
    let code = errno
    switch code {
    case EEXIST: self = .exists
    case EFAULT: self = .notCached
    case EAGAIN: self = .again(doneBytes: UInt64(max(done, 0)))
    case ESRCH: self = .gone
    default:
      invariant(code != EBADF, "a userfaultfd is open while it is owned")
      self = .failed(code)
    }
  }
}

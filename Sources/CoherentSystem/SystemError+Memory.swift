// Whether memory is missing for a moment, or broken for good.

import Glibc

extension SystemError {
  /// Memory that can never be read again, as after an error that the hardware could not correct:
  /// EIO, as read(2) gives it for a page of a memory file, or EHWPOISON.
  package var isUnreadable: Bool { code == EIO || code == EHWPOISON }

  /// A copy from a mapping met a page that the kernel could not get: EFAULT. It may be missing, or
  /// broken; a read of the file says which.
  package var isBadAddress: Bool { code == EFAULT }
}

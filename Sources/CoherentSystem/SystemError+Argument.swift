// Errors that say that what was asked for makes no sense for what it was asked of.

import Glibc

extension SystemError {
  /// Whether the kernel refused an argument: errno(3), EINVAL.
  package var isInvalidArgument: Bool { code == EINVAL }
}

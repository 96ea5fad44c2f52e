// Errors of sending that say nothing about the receiver: the kernel lacks something at this moment.

import Glibc

extension SystemError {
  /// Whether the same message can be sent later: memory or buffers were short, or too many
  /// descriptors of this user are in flight (unix(7), ETOOMANYREFS).
  package var isTemporary: Bool { [ENOMEM, ENOBUFS, ETOOMANYREFS, EAGAIN].contains(code) }
}

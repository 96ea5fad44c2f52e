// What an error of connect(2) means to whoever wants to reach a daemon.

import Glibc

extension SystemError {
  /// Why nobody was reached.
  package enum Unreachable: Sendable {
    /// There is no socket at the path.
    case absent
    /// There is one, and nobody listens at it.
    case refused
    /// This process may not open it, or a directory before it.
    case denied
    /// The listener's queue stayed full.
    case full
    case otherwise
  }

  package var unreachable: Unreachable {
    switch code {
    case ENOENT, ENOTDIR: .absent
    case ECONNREFUSED, ENOTSOCK: .refused
    case EACCES, EPERM: .denied
    case EAGAIN: .full
    default: .otherwise
    }
  }
}

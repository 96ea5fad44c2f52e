// The one error number that callers outside this module act upon by themselves.

import Glibc

extension SystemError {
  /// Whether a privilege was missing: EPERM.
  package var isNotPermitted: Bool { code == EPERM }
}

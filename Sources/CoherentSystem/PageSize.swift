// The size of a base page of this machine. Every range that is mapped, filled, punched or protected
// is a multiple of it.

import Glibc

/// The base page.
package enum PageSize {
  /// In bytes: sysconf(3), _SC_PAGESIZE.
  package static let bytes: Int = sysconf(CInt(_SC_PAGESIZE))
}

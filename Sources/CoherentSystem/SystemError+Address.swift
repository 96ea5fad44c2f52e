// The error number that says that somebody else has an address.

import Glibc

extension SystemError {
  /// Whether the address is taken: errno(3), EADDRINUSE.
  package var isAddressInUse: Bool { code == EADDRINUSE }
}

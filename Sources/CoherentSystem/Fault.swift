// One access that found no page, or a protected one, as the kernel reports it. A report is a hint:
// the same fault may come twice, and may be answered already.

import CLinux

/// A page fault in a registered range.
package struct Fault: Equatable, Sendable {
  /// Where, rounded down to the page.
  package let address: UInt64
  package let isWrite: Bool
  /// The page is there and write-protected.
  package let isWriteProtect: Bool
  /// The file has the page, the mapping has not.
  package let isMinor: Bool

  package init(address: UInt64, isWrite: Bool, isWriteProtect: Bool, isMinor: Bool) {
    self.address = address
    self.isWrite = isWrite
    self.isWriteProtect = isWriteProtect
    self.isMinor = isMinor
  }

  init(_ message: uffd_msg) {
    let flags = message.arg.pagefault.flags
    address = message.arg.pagefault.address
    isWrite = flags & UInt64(UFFD_PAGEFAULT_FLAG_WRITE) != 0
    isWriteProtect = flags & UInt64(UFFD_PAGEFAULT_FLAG_WP) != 0
    isMinor = flags & UInt64(UFFD_PAGEFAULT_FLAG_MINOR) != 0
  }
}

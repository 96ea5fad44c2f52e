// Which faults a registered range reports.

import CLinux

/// The kinds of fault that a range is registered for: ioctl_userfaultfd(2), UFFDIO_REGISTER.
package struct UserfaultModes: OptionSet, Sendable {
  package let rawValue: UInt64

  package init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// The file has no page there. The values are those of the kernel's interface.
  package static let missing = Self(rawValue: 1 << 0)
  /// The page is there and write-protected.
  package static let writeProtect = Self(rawValue: 1 << 1)
  /// The file has the page, this mapping does not yet.
  package static let minor = Self(rawValue: 1 << 2)

  /// All three. With fewer, the kernel answers some faults by itself, with whatever the page cache
  /// holds or with zeros.
  package static let all: Self = [.missing, .writeProtect, .minor]
}

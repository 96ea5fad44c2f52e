// The features of userfaultfd that the kernel may have and that a handshake asks for.

import CLinux

/// A set of userfaultfd features: ioctl_userfaultfd(2), UFFDIO_API.
package struct UserfaultFeatures: OptionSet, Sendable {
  package let rawValue: UInt64

  package init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  package static let pageFaultFlagWriteProtect = Self(
    rawValue: UInt64(UFFD_FEATURE_PAGEFAULT_FLAG_WP))
  package static let missingShmem = Self(rawValue: UInt64(UFFD_FEATURE_MISSING_SHMEM))
  package static let minorShmem = Self(rawValue: UInt64(UFFD_FEATURE_MINOR_SHMEM))
  package static let writeProtectShmem = Self(rawValue: UInt64(UFFD_FEATURE_WP_HUGETLBFS_SHMEM))
  /// Linux 6.4, with which `continueRange` learned to map write-protected.
  package static let writeProtectUnpopulated = Self(rawValue: clinux_UFFD_FEATURE_WP_UNPOPULATED)
  /// Linux 6.6.
  package static let poison = Self(rawValue: clinux_UFFD_FEATURE_POISON)

  /// What the pager cannot do without: Linux 5.19.
  package static let needed: Self = [
    .pageFaultFlagWriteProtect, .missingShmem, .minorShmem, .writeProtectShmem,
  ]
}

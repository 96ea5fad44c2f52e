// A userfaultfd: one process's faults, seen and answered by whoever holds a copy of it. The process
// that made it keeps its own copy always: when the last one closes, faults read zeros. It is never
// used by a thread that could itself touch a range registered with it.

import CLinux
import Glibc

/// An owned userfaultfd.
package struct Userfault: ~Copyable, Sendable {
  package let descriptor: Descriptor

  /// The number, for calls that borrow the descriptor.
  package var raw: CInt { descriptor.raw }

  /// Creates one for this process: userfaultfd(2), close-on-exec and non-blocking.
  ///
  /// With `userModeOnly` no privilege is needed, and a system call on a missing page then fails
  /// with EFAULT. Without, EPERM where vm.unprivileged_userfaultfd is 0.
  package static func create(userModeOnly: Bool) throws(SystemError) -> Userfault {
    let flags = O_CLOEXEC | O_NONBLOCK | (userModeOnly ? UFFD_USER_MODE_ONLY : 0)
    let number = try checked("userfaultfd", userModeOnly ? "in user mode only" : "in full mode") {
      clinux_userfaultfd(flags)
    }
    return Userfault(trusted: Descriptor(owning: number))
  }

  /// Creates one for this process in full mode, from a device that a privileged process opened:
  /// ioctl USERFAULTFD_IOC_NEW (Linux 6.1). ENOTTY for any other descriptor.
  package static func create(
    fromDevice device: borrowing Descriptor
  ) throws(SystemError) -> Userfault {
    let deviceNumber = device.raw
    let number = try checked("USERFAULTFD_IOC_NEW") {
      clinux_userfaultfd_from_device(deviceNumber, O_CLOEXEC | O_NONBLOCK)
    }
    return Userfault(trusted: Descriptor(owning: number))
  }

  /// Opens /dev/userfaultfd, to create userfaultfds from or to hand to a client: open(2).
  package static func openDevice() throws(SystemError) -> Descriptor {
    Descriptor(
      owning: try checked("open", "of /dev/userfaultfd") {
        open("/dev/userfaultfd", O_RDWR | O_CLOEXEC)
      })
  }

  /// What this kernel offers, asked on a throw-away descriptor: a second handshake on a live one
  /// would fail.
  package static func supportedFeatures() throws(SystemError) -> UserfaultFeatures {
    let probe = try create(userModeOnly: true)
    return try probe.exchange(features: [])
  }

  /// Adopts a descriptor that a peer sent. Throws EINVAL, without any ioctl on it, when it is no
  /// userfaultfd; it is closed then.
  package init(adopting descriptor: consuming Descriptor) throws(SystemError) {
    guard descriptor.isUserfault() else {
      throw SystemError(
        operation: "userfaultfd", code: EINVAL,
        context: "received: it is \(descriptor.kernelName() ?? "unknown")")
    }
    self.descriptor = descriptor
  }

  private init(trusted descriptor: consuming Descriptor) {
    self.descriptor = descriptor
  }

  /// The same, closed by the closers: the last closing takes the lock of its maker's address space.
  package consuming func charged(_ charge: ClosingCharge) -> Userfault {
    Userfault(trusted: descriptor.charged(charge))
  }

  /// A second descriptor of the same userfaultfd.
  package borrowing func duplicate() throws(SystemError) -> Userfault {
    Userfault(trusted: try descriptor.duplicate())
  }

  /// Agrees on the features; once in the life of a userfaultfd, before anything else:
  /// ioctl_userfaultfd(2), UFFDIO_API. EINVAL when a feature is not there.
  package borrowing func handshake(
    features: UserfaultFeatures = .needed
  ) throws(SystemError) {
    _ = try exchange(features: features)
  }

  /// Asks for the faults of a range of the process that made this userfaultfd: UFFDIO_REGISTER.
  /// Throws EINVAL for a range that is not mapped or cannot be registered (EFAULT included: the
  /// range is the peer's), ENOMEM or ESRCH when the process has exited.
  package borrowing func register(
    baseAddress: UInt64, lengthBytes: UInt64, modes: UserfaultModes = .all
  ) throws(SystemError) {
    var offered: UInt64 = 0
    let number = raw
    let result = retryingInterrupts {
      clinux_uffd_register(number, baseAddress, lengthBytes, modes.rawValue, &offered)
    }
    if result != 0 { throw rangeFailure("UFFDIO_REGISTER", baseAddress, lengthBytes) }
    let wakeAndCopy = UInt64(1) << _UFFDIO_WAKE | UInt64(1) << _UFFDIO_COPY
    invariant(offered & wakeAndCopy == wakeAndCopy, "a registered range can be filled and woken")
  }

  /// Ends the faults of a range, and wakes whoever waits in it: UFFDIO_UNREGISTER. The kernel wakes
  /// before it ends the registration, and a fault that comes between the two would wait for ever
  /// (seen on 6.18, where faults no longer take the lock that this does). So it wakes again.
  package borrowing func unregister(
    baseAddress: UInt64, lengthBytes: UInt64
  ) throws(SystemError) {
    let number = raw
    let result = retryingInterrupts { clinux_uffd_unregister(number, baseAddress, lengthBytes) }
    if result != 0 { throw rangeFailure("UFFDIO_UNREGISTER", baseAddress, lengthBytes) }
    _ = wake(address: baseAddress, lengthBytes: lengthBytes)
  }

  private borrowing func exchange(
    features: UserfaultFeatures
  ) throws(SystemError) -> UserfaultFeatures {
    var answered = features.rawValue
    var offered: UInt64 = 0
    let number = raw
    try checked("UFFDIO_API", "for features \(features.rawValue)") {
      answered = features.rawValue
      return clinux_uffd_api(number, &answered, &offered)
    }
    return UserfaultFeatures(rawValue: answered)
  }

  private borrowing func rangeFailure(
    _ operation: String, _ baseAddress: UInt64, _ lengthBytes: UInt64
  ) -> SystemError {
    let code = errno == EFAULT ? EINVAL : errno
    invariant(code != EBADF, "a userfaultfd is open while it is owned")
    return SystemError(
      operation: operation, code: code,
      context: "of \(lengthBytes) bytes at 0x\(String(baseAddress, radix: 16))")
  }
}

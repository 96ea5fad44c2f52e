// The calls that change what a process sees in a registered range: ioctl_userfaultfd(2). Addresses
// are those of the process that made the userfaultfd; ranges are whole pages. Each call may find
// the process changed or gone, so each returns an outcome and throws nothing.

import CLinux
import Glibc

extension Userfault {
  /// Protects a range against writes, or ends that: UFFDIO_WRITEPROTECT. Protecting wakes nobody;
  /// ending it wakes the waiters if `wake` says so.
  package borrowing func writeProtect(
    address: UInt64, lengthBytes: UInt64, on: Bool, wake: Bool = true
  ) -> PageOutcome {
    var mode: UInt64 = 0
    if on {
      mode = Self.writeProtectMode
    } else if !wake {
      mode = Self.writeProtectDontWakeMode
    }
    return PageOutcome(
      result: retryingInterrupts { clinux_uffd_writeprotect(raw, address, lengthBytes, mode) })
  }

  /// Maps pages that the file has: UFFDIO_CONTINUE. `exists` when one is mapped already, and then
  /// nobody is woken; `notCached` when the file has none. Mapping them write-protected needs Linux
  /// 6.4.
  package borrowing func continueRange(
    address: UInt64, lengthBytes: UInt64, writeProtected: Bool = false, wake: Bool = true
  ) -> PageOutcome {
    var mode = wake ? 0 : Self.dontWakeMode
    if writeProtected { mode |= clinux_UFFDIO_CONTINUE_MODE_WP }
    return Self.outcome { clinux_uffd_continue(raw, address, lengthBytes, mode, &$0) }
  }

  /// Fills a range with a copy of our bytes and maps it: UFFDIO_COPY. `exists` when the file has a
  /// page there. The memory is charged to the process that made the userfaultfd.
  package borrowing func copy(
    from source: UnsafeRawBufferPointer, address: UInt64, writeProtected: Bool = false,
    wake: Bool = true
  ) -> PageOutcome {
    var mode = wake ? 0 : Self.dontWakeMode
    if writeProtected { mode |= Self.copyWriteProtectedMode }
    return Self.outcome {
      clinux_uffd_copy(raw, address, source.baseAddress, UInt64(source.count), mode, &$0)
    }
  }

  /// Fills a range with zeros and maps it: UFFDIO_ZEROPAGE. `exists` when a page is there.
  package borrowing func zero(
    address: UInt64, lengthBytes: UInt64, wake: Bool = true
  ) -> PageOutcome {
    let mode = wake ? 0 : Self.dontWakeMode
    return Self.outcome { clinux_uffd_zeropage(raw, address, lengthBytes, mode, &$0) }
  }

  /// Makes whoever waits in a range fault again: UFFDIO_WAKE.
  package borrowing func wake(address: UInt64, lengthBytes: UInt64) -> PageOutcome {
    PageOutcome(result: retryingInterrupts { clinux_uffd_wake(raw, address, lengthBytes) })
  }

  /// Makes every access to a range a SIGBUS: UFFDIO_POISON (Linux 6.6).
  package borrowing func poison(
    address: UInt64, lengthBytes: UInt64, wake: Bool = true
  ) -> PageOutcome {
    let mode = wake ? 0 : Self.dontWakeMode
    return Self.outcome { clinux_uffd_poison(raw, address, lengthBytes, mode, &$0) }
  }

  /// What became of a call that counts the bytes it did before it failed.
  @inline(__always)
  private static func outcome(_ call: (inout Int64) -> CInt) -> PageOutcome {
    var done: Int64 = 0
    let result = retryingInterrupts { call(&done) }
    return PageOutcome(result: result, done: done)
  }

  // The kernel's mode bits, whose macros are casts that Swift does not import.
  private static var dontWakeMode: UInt64 { 1 << 0 }
  private static var copyWriteProtectedMode: UInt64 { 1 << 1 }
  private static var writeProtectMode: UInt64 { 1 << 0 }
  private static var writeProtectDontWakeMode: UInt64 { 1 << 1 }
}

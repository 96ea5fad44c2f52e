// One open file descriptor with one owner. Closed when the owner goes; never copied, so that nobody
// closes a number that meanwhile means another file.

import Glibc

/// An owned file descriptor.
package struct Descriptor: ~Copyable, Sendable {
  /// The number, for calls that borrow the descriptor. It must not outlive this value.
  package let raw: CInt
  /// Set where the last closing may have to wait for a peer: the closers do it then.
  package let charge: ClosingCharge?

  /// Takes ownership of `raw`, which must be open and belong to nobody else.
  package init(owning raw: CInt, charge: ClosingCharge? = nil) {
    invariant(raw >= 0, "a descriptor is not negative")
    self.raw = raw
    self.charge = charge
  }

  deinit {
    if let charge {
      Closer.shared.close(owned: raw, charge)
    } else {
      closeOwned(raw)
    }
  }

  /// The same, closed by the closers in a user's name.
  package consuming func charged(_ charge: ClosingCharge) -> Descriptor {
    Descriptor(owning: release(), charge: charge)
  }

  /// Gives the number away; whoever receives it closes it.
  package consuming func release() -> CInt {
    let number = raw
    discard self
    return number
  }

  /// A second descriptor of the same open file, close-on-exec: fcntl(2), F_DUPFD_CLOEXEC.
  package borrowing func duplicate() throws(SystemError) -> Descriptor {
    try Self.copy(of: raw, charge: charge)
  }

  /// The same of a number that somebody else owns, and keeps open meanwhile.
  package static func copy(
    of number: CInt, charge: ClosingCharge? = nil
  ) throws(SystemError) -> Descriptor {
    Descriptor(
      owning: try checked("fcntl", "F_DUPFD_CLOEXEC of descriptor \(number)") {
        fcntl(number, F_DUPFD_CLOEXEC, 3)
      }, charge: charge)
  }

  /// Makes reads and writes return at once: fcntl(2), F_SETFL. The flag belongs to the open file,
  /// so everyone who has a copy of the descriptor sees it and may clear it.
  package borrowing func setNonBlocking() throws(SystemError) {
    let number = raw
    let flags = try checked("fcntl", "F_GETFL") { fcntl(number, F_GETFL) }
    if flags & O_NONBLOCK != 0 { return }
    try checked("fcntl", "F_SETFL") { fcntl(number, F_SETFL, flags | O_NONBLOCK) }
  }

  /// Whether this is a userfaultfd, as the kernel itself names it: proc(5), /proc/self/fd. To be
  /// asked before the first ioctl on a descriptor that a peer sent.
  package borrowing func isUserfault() -> Bool {
    kernelName() == "anon_inode:[userfaultfd]"
  }

  /// What /proc/self/fd says of this descriptor: a path, or the name of a kernel object.
  /// readlink(2). Nil where /proc is not mounted.
  package borrowing func kernelName() -> String? {
    SymbolicLink.target(path: "/proc/self/fd/\(raw)")
  }
}

/// Closes a number that the caller owns: close(2). An interrupted close has closed on Linux, so it
/// is not repeated; other errors concern data that was never promised to be on a disk.
func closeOwned(_ raw: CInt) {
  let result = close(raw)
  invariant(result == 0 || errno != EBADF, "descriptor \(raw) was closed by somebody else")
}

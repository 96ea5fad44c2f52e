// A memory file (memfd): the region, an arena, a host store or a shared table. Whoever holds this
// value owns one descriptor of it; the memory lives as long as any descriptor or mapping does. Its
// size never changes once it is sealed, so that no peer can make an access to a mapping fail.

import CLinux
import Glibc

/// A memory file of a fixed size.
package struct MemoryFile: ~Copyable, Sendable {
  package let descriptor: Descriptor
  package let sizeBytes: UInt64

  /// The number, for calls that borrow the descriptor.
  package var raw: CInt { descriptor.raw }

  /// Creates a sparse file: memfd_create(2) and ftruncate(2). Close-on-exec, sealable, and sealed
  /// against execution where the kernel knows that (Linux 6.3).
  package init(name: String, sizeBytes: UInt64) throws(SystemError) {
    let flags = clinux_MFD_CLOEXEC | clinux_MFD_ALLOW_SEALING
    var number = clinux_memfd_create(name, flags | clinux_MFD_NOEXEC_SEAL)
    if number < 0 && errno == EINVAL {
      number = clinux_memfd_create(name, flags)
    }
    if number < 0 { throw failure("memfd_create", errno, "of \"\(name)\"") }
    let created = Descriptor(owning: number)
    try checked("ftruncate", "to \(sizeBytes) bytes") { ftruncate(number, off_t(sizeBytes)) }
    self.descriptor = created
    self.sizeBytes = sizeBytes
  }

  /// Adopts a descriptor that a peer sent or that was kept elsewhere, and takes its size from
  /// fstat(2). The descriptor is closed when it is refused.
  ///
  /// Throws EINVAL for what is no memory file, and EACCES for one that is not open for reading and
  /// writing: what a peer sends must not be able to trap us later with EBADF.
  package init(descriptor: consuming Descriptor) throws(SystemError) {
    let number = descriptor.raw
    let flags = try checked("fcntl", "F_GETFL") { fcntl(number, F_GETFL) }
    if clinux_get_seals(number) >= 0, flags & O_ACCMODE != O_RDWR {
      throw SystemError(
        operation: "fcntl", code: EACCES, context: "F_GETFL of a memory file not open for both")
    }
    self = try MemoryFile(anyAccess: descriptor)
  }

  /// Adopts a memory file, however it is open.
  init(anyAccess descriptor: consuming Descriptor) throws(SystemError) {
    let number = descriptor.raw
    if clinux_get_seals(number) < 0 {
      throw SystemError(operation: "fcntl", code: EINVAL, context: "F_GET_SEALS of no memory file")
    }
    var status = stat()
    try checked("fstat") { fstat(number, &status) }
    self.sizeBytes = UInt64(status.st_size)
    self.descriptor = descriptor
  }

  /// The same, closed by the closers, as is every mapping of it that is made from now on.
  package consuming func charged(_ charge: ClosingCharge) -> MemoryFile {
    let size = sizeBytes
    return MemoryFile(trusted: descriptor.charged(charge), sizeBytes: size)
  }

  /// The same file through a descriptor of its own.
  package borrowing func duplicate() throws(SystemError) -> MemoryFile {
    MemoryFile(trusted: try descriptor.duplicate(), sizeBytes: sizeBytes)
  }

  private init(trusted: consuming Descriptor, sizeBytes: UInt64) {
    self.descriptor = trusted
    self.sizeBytes = sizeBytes
  }
}

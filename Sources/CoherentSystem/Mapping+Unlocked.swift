// Mapping a file in a program that has locked its memory. mlockall(2) with MCL_FUTURE has the
// kernel fill whatever is mapped, at once and whole: of a sparse file, with pages that nobody
// allocated. So a file is mapped without access, which the kernel does not fill, then unlocked,
// then made accessible. What may never happen: a page of a client's arena that came by anything but
// an access.

import CLinux
import Glibc

extension Mapping {
  /// Maps a range of a file, shared, without the lock that MCL_FUTURE puts on it: mmap(2) with
  /// PROT_NONE, munlock(2), mprotect(2). `start` is where, over what is there; nil for anywhere.
  /// EAGAIN where this process may not lock as much, even for a moment.
  static func mapUnlocked(
    _ file: borrowing MemoryFile, at start: UnsafeMutableRawPointer? = nil, offsetBytes: UInt64,
    lengthBytes: Int, writable: Bool
  ) throws(SystemError) -> UnsafeMutableRawPointer {
    let flags = start == nil ? MAP_SHARED : MAP_SHARED | MAP_FIXED
    guard
      let address = mmap(start, lengthBytes, PROT_NONE, flags, file.raw, off_t(offsetBytes)),
      address != MAP_FAILED
    else {
      throw failure("mmap", errno, "of \(lengthBytes) bytes of a memory file at \(offsetBytes)")
    }
    do throws(SystemError) {
      try checked("munlock", "of \(lengthBytes) bytes") { munlock(address, lengthBytes) }
      try checked("mprotect", "of \(lengthBytes) bytes") {
        mprotect(address, lengthBytes, writable ? PROT_READ | PROT_WRITE : PROT_READ)
      }
    } catch {
      // What was put over somebody's range stays his, and cannot be accessed.
      if start == nil { munmap(address, lengthBytes) }
      throw error
    }
    return address
  }
}

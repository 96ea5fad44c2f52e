// Memory that is lost for good: an access must fail, never read zeros.

import CLinux
import Glibc

extension Mapping {
  /// Makes every access to a range a SIGBUS from now on: mmap(2), MAP_FIXED, of a file that ends
  /// before it; where no file or mapping can be had any more, a SIGSEGV: mprotect(2), PROT_NONE.
  /// Needs no userfaultfd; whoever waits in the range for one is still to be woken.
  package borrowing func lose(offsetBytes: Int, lengthBytes: Int) throws(SystemError) {
    invariant(
      offsetBytes >= 0 && lengthBytes > 0 && lengthBytes <= bytes.count - offsetBytes,
      "what is lost lies inside its mapping")
    let start = bytes.baseAddress! + offsetBytes
    do throws(SystemError) {
      let empty = try MemoryFile(name: "coherent-lost", sizeBytes: 0)
      _ = try Self.mapUnlocked(
        empty, at: start, offsetBytes: 0, lengthBytes: lengthBytes, writable: true)
      // As the rest of the mapping: a child finds nothing there.
      try checked("madvise", "MADV_DONTFORK of \(lengthBytes) bytes") {
        madvise(start, lengthBytes, MADV_DONTFORK)
      }
    } catch {
      try checked("mprotect", "PROT_NONE of \(lengthBytes) bytes after: \(error)") {
        mprotect(start, lengthBytes, PROT_NONE)
      }
    }
  }
}

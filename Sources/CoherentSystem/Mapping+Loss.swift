// Memory that is lost for good: an access must fail, never read zeros.

import CLinux
import Glibc

extension Mapping {
  /// Makes every access to a range a SIGBUS from now on: mmap(2), MAP_FIXED, of a file that ends
  /// before it. Needs no userfaultfd; whoever waits in the range for one is still to be woken.
  package borrowing func lose(offsetBytes: Int, lengthBytes: Int) throws(SystemError) {
    invariant(
      offsetBytes >= 0 && lengthBytes > 0 && lengthBytes <= bytes.count - offsetBytes,
      "what is lost lies inside its mapping")
    let empty = try MemoryFile(name: "coherent-lost", sizeBytes: 0)
    let start = bytes.baseAddress! + offsetBytes
    let address = mmap(
      start, lengthBytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, empty.raw, 0)
    if address == MAP_FAILED {
      throw failure("mmap", errno, "of an empty file over \(lengthBytes) bytes")
    }
    // As the rest of the mapping: a child finds nothing there.
    try checked("madvise", "MADV_DONTFORK of \(lengthBytes) bytes") {
      madvise(start, lengthBytes, MADV_DONTFORK)
    }
  }
}

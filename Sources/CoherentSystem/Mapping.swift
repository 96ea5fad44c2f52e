// A range of the address space with one owner: a window on a memory file, or private memory. It is
// unmapped when its owner goes, and a pointer into it must not outlive that.

import Glibc

/// A mapped range of memory.
package struct Mapping: ~Copyable, @unchecked Sendable {
  // SAFETY: the range is mapped from init to deinit, and nobody else unmaps it. The bytes are
  // shared memory: whoever touches them from several threads orders those accesses.
  package let bytes: UnsafeMutableRawBufferPointer

  /// Where it starts, as a number, as userfaultfd wants it.
  package var address: UInt64 { UInt64(UInt(bitPattern: bytes.baseAddress!)) }
  package var lengthBytes: Int { bytes.count }

  /// Maps a range of a memory file, shared: mmap(2). Offset and length are multiples of the page
  /// size. The mapping holds the file by itself; the descriptor may go.
  package init(
    file: borrowing MemoryFile, offsetBytes: UInt64 = 0, lengthBytes: Int, writable: Bool
  ) throws(SystemError) {
    let protection = writable ? PROT_READ | PROT_WRITE : PROT_READ
    let address = mmap(nil, lengthBytes, protection, MAP_SHARED, file.raw, off_t(offsetBytes))
    if address == MAP_FAILED {
      throw failure("mmap", errno, "of \(lengthBytes) bytes of a memory file at \(offsetBytes)")
    }
    self.bytes = UnsafeMutableRawBufferPointer(start: address, count: lengthBytes)
  }

  /// Private memory, reading as zeros: mmap(2), MAP_ANONYMOUS.
  package init(anonymousBytes lengthBytes: Int) throws(SystemError) {
    let address = mmap(
      nil, lengthBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    if address == MAP_FAILED { throw failure("mmap", errno, "of \(lengthBytes) private bytes") }
    self.bytes = UnsafeMutableRawBufferPointer(start: address, count: lengthBytes)
  }

  deinit {
    let result = munmap(bytes.baseAddress!, bytes.count)
    invariant(result == 0, "a mapping was unmapped by somebody else")
  }

  /// Leaves the range out of children and of core dumps: madvise(2), MADV_DONTFORK and
  /// MADV_DONTDUMP. A forked child that touches it dies of SIGSEGV instead of reading zeros.
  package borrowing func excludeFromForkAndDump() throws(SystemError) {
    try advise(MADV_DONTFORK, 0, lengthBytes)
    try advise(MADV_DONTDUMP, 0, lengthBytes)
  }

  /// Lets private memory read as zeros in children: madvise(2), MADV_WIPEONFORK.
  package borrowing func wipeOnFork() throws(SystemError) {
    try advise(MADV_WIPEONFORK, 0, lengthBytes)
  }

  /// Forgets the page table entries of a range; the file keeps its bytes: madvise(2),
  /// MADV_DONTNEED. For private memory the contents are gone.
  package borrowing func dropPages(offsetBytes: Int, lengthBytes: Int) throws(SystemError) {
    try advise(MADV_DONTNEED, offsetBytes, lengthBytes)
  }

  /// Makes the pages of a range present and writable now: madvise(2), MADV_POPULATE_WRITE.
  package borrowing func populate(offsetBytes: Int, lengthBytes: Int) throws(SystemError) {
    try advise(MADV_POPULATE_WRITE, offsetBytes, lengthBytes)
  }

  private borrowing func advise(
    _ advice: CInt, _ offsetBytes: Int, _ lengthBytes: Int
  ) throws(SystemError) {
    invariant(
      offsetBytes >= 0 && lengthBytes >= 0 && lengthBytes <= bytes.count - offsetBytes,
      "advice stays inside its mapping")
    let start = bytes.baseAddress! + offsetBytes
    try checked("madvise", "\(advice) of \(lengthBytes) bytes at \(offsetBytes)") {
      madvise(start, lengthBytes, advice)
    }
  }
}

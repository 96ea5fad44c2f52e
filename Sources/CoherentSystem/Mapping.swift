// A range of the address space with one owner: a window on a memory file, or private memory. It is
// unmapped when its owner goes, and a pointer into it must not outlive that.

import Glibc

/// A mapped range of memory.
package struct Mapping: ~Copyable, @unchecked Sendable {
  // SAFETY: the range is mapped from init to deinit, and nobody else unmaps it. The bytes are
  // shared memory: whoever touches them from several threads orders those accesses.
  package let bytes: UnsafeMutableRawBufferPointer
  /// As that of its file: the closers unmap it then.
  let charge: ClosingCharge?

  /// Where it starts, as a number, as userfaultfd wants it.
  package var address: UInt64 { UInt64(UInt(bitPattern: bytes.baseAddress!)) }
  package var lengthBytes: Int { bytes.count }

  /// Maps a range of a memory file, shared and never locked: mmap(2). Offset and length are
  /// multiples of the page size. The mapping holds the file by itself; the descriptor may go.
  package init(
    file: borrowing MemoryFile, offsetBytes: UInt64 = 0, lengthBytes: Int, writable: Bool
  ) throws(SystemError) {
    let address = try Self.mapUnlocked(
      file, offsetBytes: offsetBytes, lengthBytes: lengthBytes, writable: writable)
    self.bytes = UnsafeMutableRawBufferPointer(start: address, count: lengthBytes)
    charge = file.descriptor.charge
  }

  /// Private memory, reading as zeros: mmap(2), MAP_ANONYMOUS.
  package init(anonymousBytes lengthBytes: Int) throws(SystemError) {
    let address = mmap(
      nil, lengthBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    if address == MAP_FAILED { throw failure("mmap", errno, "of \(lengthBytes) private bytes") }
    self.bytes = UnsafeMutableRawBufferPointer(start: address, count: lengthBytes)
    charge = nil
  }

  /// Address space and no more: nobody can access it, and it costs nothing. For mappings that are
  /// put into it later, when there might be no room.
  package init(reservedBytes lengthBytes: Int) throws(SystemError) {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    let address = mmap(nil, lengthBytes, PROT_NONE, flags, -1, 0)
    if address == MAP_FAILED { throw failure("mmap", errno, "of \(lengthBytes) bytes to keep") }
    self.bytes = UnsafeMutableRawBufferPointer(start: address, count: lengthBytes)
    charge = nil
  }

  deinit {
    if let charge { return Closer.shared.unmap(bytes, charge) }
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
  /// MADV_DONTNEED, or, where somebody has locked it (mlockall(2)), MADV_DONTNEED_LOCKED (Linux
  /// 5.18). For private memory the contents are gone.
  package borrowing func dropPages(offsetBytes: Int, lengthBytes: Int) throws(SystemError) {
    do throws(SystemError) {
      try advise(MADV_DONTNEED, offsetBytes, lengthBytes)
    } catch  where error.isInvalidArgument {
      try advise(Self.dontNeedLocked, offsetBytes, lengthBytes)
    }
  }

  /// MADV_DONTNEED_LOCKED, which older headers lack.
  private static let dontNeedLocked: CInt = 24

  /// Puts a range of a file over a part of this mapping, writable: mmap(2), MAP_FIXED.
  package borrowing func place(
    _ file: borrowing MemoryFile, offsetBytes: UInt64, lengthBytes: Int
  ) throws(SystemError) -> UnsafeMutableRawBufferPointer {
    invariant(
      lengthBytes > 0 && lengthBytes <= bytes.count, "what is placed lies inside its mapping")
    let start = try Self.mapUnlocked(
      file, at: bytes.baseAddress!, offsetBytes: offsetBytes, lengthBytes: lengthBytes,
      writable: true)
    return UnsafeMutableRawBufferPointer(start: start, count: lengthBytes)
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

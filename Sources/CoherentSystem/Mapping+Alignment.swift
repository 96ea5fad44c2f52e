// Mapping at an aligned address, and letting a mapping go that this process does not have.

import Glibc

extension Mapping {
  /// As `init(file:offsetBytes:lengthBytes:writable:)`, writable, at an address that is a multiple
  /// of the alignment (a power of two, at least a page): mmap(2) of a larger range that nobody can
  /// access, MAP_FIXED inside it, and munmap(2) of what is left on both sides.
  package init(
    file: borrowing MemoryFile, offsetBytes: UInt64 = 0, lengthBytes: Int, alignmentBytes: Int
  ) throws(SystemError) {
    invariant(alignmentBytes.nonzeroBitCount == 1, "an alignment is a power of two")
    let reservedBytes = lengthBytes + alignmentBytes
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let reserved = mmap(nil, reservedBytes, PROT_NONE, flags, -1, 0), reserved != MAP_FAILED
    else { throw failure("mmap", errno, "of \(reservedBytes) bytes to align a mapping in") }
    let excessBytes = Int(bitPattern: reserved) & (alignmentBytes - 1)
    let headBytes = excessBytes == 0 ? 0 : alignmentBytes - excessBytes
    let start = reserved + headBytes
    do throws(SystemError) {
      _ = try Self.mapUnlocked(
        file, at: start, offsetBytes: offsetBytes, lengthBytes: lengthBytes, writable: true)
    } catch {
      munmap(reserved, reservedBytes)
      throw error
    }
    if headBytes > 0 { munmap(reserved, headBytes) }
    let tailBytes = alignmentBytes - headBytes
    if tailBytes > 0 { munmap(start + lengthBytes, tailBytes) }
    self.bytes = UnsafeMutableRawBufferPointer(start: start, count: lengthBytes)
    charge = file.descriptor.charge
  }

  /// Gives up the ownership and unmaps nothing. For a forked child, which does not have a range
  /// that was excluded from it, and may have something else there.
  package consuming func abandon() {
    discard self
  }
}

// The bytes of a memory file and the memory behind them: commit, give back, read, write, and ask
// the kernel what is committed. Ranges are in bytes; filling and punching work on whole pages, and
// the caller aligns them.

import CLinux
import Glibc

extension MemoryFile {
  /// Commits memory to a range; what was there stays: fallocate(2), FALLOC_FL_KEEP_SIZE. Throws
  /// ENOSPC or ENOMEM when there is none; part of the range may then be committed.
  package borrowing func fill(offsetBytes: UInt64, lengthBytes: UInt64) throws(SystemError) {
    try allocate(clinux_FALLOC_FL_KEEP_SIZE, offsetBytes, lengthBytes)
  }

  /// Gives the memory of a range back and leaves a hole that reads as zeros, in every mapping:
  /// fallocate(2), FALLOC_FL_PUNCH_HOLE.
  package borrowing func punch(offsetBytes: UInt64, lengthBytes: UInt64) throws(SystemError) {
    try allocate(
      clinux_FALLOC_FL_KEEP_SIZE | clinux_FALLOC_FL_PUNCH_HOLE, offsetBytes, lengthBytes)
  }

  /// Reads exactly the buffer's length, or throws: pread(2). Holes read as zeros. EIO past the end,
  /// EFAULT where the buffer is a mapping that the host has no memory for.
  package borrowing func read(
    into buffer: UnsafeMutableRawBufferPointer, offsetBytes: UInt64
  ) throws(SystemError) {
    let number = raw
    try Self.transfer("pread", buffer.count, at: offsetBytes, codeOfNothing: EIO) { done in
      pread(number, buffer.baseAddress! + done, buffer.count - done, off_t(offsetBytes) + done)
    }
  }

  /// Writes the whole buffer, or throws: pwrite(2). A page that another process faults on meanwhile
  /// is seen before or after, never torn.
  package borrowing func write(
    from buffer: UnsafeRawBufferPointer, offsetBytes: UInt64
  ) throws(SystemError) {
    let number = raw
    try Self.transfer("pwrite", buffer.count, at: offsetBytes, codeOfNothing: ENOSPC) { done in
      pwrite(number, buffer.baseAddress! + done, buffer.count - done, off_t(offsetBytes) + done)
    }
  }

  /// The memory that the file holds now, in bytes: fstat(2), st_blocks.
  package borrowing func committedBytes() throws(SystemError) -> UInt64 {
    let number = raw
    var status = stat()
    try checked("fstat") { fstat(number, &status) }
    return UInt64(status.st_blocks) * 512
  }

  /// The ranges between two offsets that hold data: lseek(2), SEEK_DATA and SEEK_HOLE. In order and
  /// apart from each other. Memory that was committed by `fill` and that nobody has touched since
  /// is a hole to the kernel here, and is counted by `committedBytes` only. The file's position is
  /// changed, which nothing here uses.
  package borrowing func dataRanges(
    from startBytes: UInt64 = 0, to endBytes: UInt64? = nil
  ) throws(SystemError) -> [Range<UInt64>] {
    let end = min(endBytes ?? sizeBytes, sizeBytes)
    var ranges: [Range<UInt64>] = []
    var position = startBytes
    while position < end, let data = try seek(clinux_SEEK_DATA, from: position), data < end {
      let hole = try seek(clinux_SEEK_HOLE, from: data) ?? sizeBytes
      ranges.append(data..<min(hole, end))
      position = hole
    }
    return ranges
  }

  /// Makes a call that may do less than it was asked for until all is done; it is told how much
  /// is. One that does nothing, which no error number explains, throws `codeOfNothing`.
  private static func transfer(
    _ operation: StaticString, _ lengthBytes: Int, at offsetBytes: UInt64, codeOfNothing: CInt,
    _ call: (_ doneBytes: Int) -> Int
  ) throws(SystemError) {
    var done = 0
    while done < lengthBytes {
      let count = try checkedInMapping(operation, "of \(lengthBytes) bytes at \(offsetBytes)") {
        call(done)
      }
      if count == 0 {
        throw SystemError(
          operation: "\(operation)", code: codeOfNothing,
          context: "nothing more at \(offsetBytes) + \(done)")
      }
      done += count
    }
  }

  /// Nil where there is nothing more of the kind (ENXIO).
  private borrowing func seek(_ whence: CInt, from offset: UInt64) throws(SystemError) -> UInt64? {
    let result = lseek(raw, off_t(offset), whence)
    if result >= 0 { return UInt64(result) }
    let code = errno
    if code == ENXIO { return nil }
    throw failure("lseek", code, "from \(offset)")
  }

  private borrowing func allocate(
    _ mode: CInt, _ offsetBytes: UInt64, _ lengthBytes: UInt64
  ) throws(SystemError) {
    let number = raw
    try checked("fallocate", "mode \(mode) of \(lengthBytes) bytes at \(offsetBytes)") {
      clinux_fallocate(number, mode, off_t(offsetBytes), off_t(lengthBytes))
    }
  }
}

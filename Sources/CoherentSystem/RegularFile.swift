// A file on a disk, read only: input of tools and benchmarks.

import Glibc

/// An owned descriptor of a file that is read.
package struct RegularFile: ~Copyable, Sendable {
  package let descriptor: Descriptor
  /// When it was opened; the file may change.
  package let sizeBytes: UInt64

  /// Opens a file: open(2), fstat(2). Throws EINVAL for what is no regular file; a named pipe in
  /// the way does not make it wait.
  package init(path: String) throws(SystemError) {
    let number = try checked("open", "of \(path)") {
      open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    }
    let opened = Descriptor(owning: number)
    var status = stat()
    try checked("fstat", "of \(path)") { fstat(number, &status) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw SystemError(operation: "open", code: EINVAL, context: "of \(path), no regular file")
    }
    self.sizeBytes = UInt64(status.st_size)
    self.descriptor = opened
  }

  /// Reads until the buffer is full or the file ends; how many bytes: pread(2). EFAULT is thrown
  /// and does not trap: a buffer may be memory that the kernel may not fault on (user mode only).
  package borrowing func read(
    into buffer: UnsafeMutableRawBufferPointer, offsetBytes: UInt64
  ) throws(SystemError) -> Int {
    var done = 0
    while done < buffer.count {
      let count = retryingInterrupts {
        pread(
          descriptor.raw, buffer.baseAddress! + done, buffer.count - done,
          off_t(offsetBytes) + done)
      }
      if count < 0 {
        throw SystemError(
          operation: "pread", code: errno, context: "of \(buffer.count) bytes at \(offsetBytes)")
      }
      if count == 0 { break }
      done += count
    }
    return done
  }
}

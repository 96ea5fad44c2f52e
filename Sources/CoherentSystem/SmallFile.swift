// Files that fit into memory at once: configuration, /proc, /sys, and what tests write.

import Glibc

/// Whole small files, by path.
package enum SmallFile {
  /// Everything in a file: open(2), read(2). EFBIG when it is longer than `maximumBytes`. Also for
  /// files of /proc and /sys, which have no size. What is no regular file is refused with its kind
  /// (EISDIR, EINVAL) and not opened: a named pipe would be waited for, and opening a device can do
  /// something. Only /dev/null is read, as an empty file, since a link to it masks another file.
  package static func read(path: String, maximumBytes: Int) throws(SystemError) -> [UInt8] {
    var status = stat()
    try checked("open", "of \(path)") { stat(path, &status) }
    if try isNull(status, path) { return [] }
    // Another thing may be there by now: that is not waited for either, and looked at again. Files
    // of the kernel that wait for news give EAGAIN instead.
    let number = try checked("open", "of \(path)") {
      open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    }
    let file = Descriptor(owning: number)
    try checked("fstat", "of \(path)") { fstat(number, &status) }
    if try isNull(status, path) { return [] }
    var contents: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 * 1024)
    while true {
      let count = try checked("read", "of \(path)") {
        Glibc.read(file.raw, &chunk, chunk.count)
      }
      if count == 0 { return contents }
      if contents.count + count > maximumBytes {
        throw SystemError(
          operation: "read", code: EFBIG, context: "of \(path), at most \(maximumBytes) bytes")
      }
      contents.append(contentsOf: chunk[..<count])
    }
  }

  /// The numbers of /dev/null, 1 and 3 (null(4)), as makedev(3) puts them together.
  private static let nullDevice: dev_t = 0x103

  /// False for a regular file, true for /dev/null; throws for what is not read.
  private static func isNull(_ status: stat, _ path: String) throws(SystemError) -> Bool {
    let (kind, code): (String, CInt)
    switch status.st_mode & S_IFMT {
    case S_IFREG: return false
    case S_IFCHR where status.st_rdev == nullDevice: return true
    case S_IFDIR: (kind, code) = ("a directory", EISDIR)
    case S_IFIFO: (kind, code) = ("a named pipe", EINVAL)
    case S_IFSOCK: (kind, code) = ("a socket", EINVAL)
    default: (kind, code) = ("a device", EINVAL)
    }
    throw SystemError(
      operation: "open", code: code, context: "of \(path), \(kind) and no regular file")
  }

  /// Replaces the contents of a file, or creates it: open(2), write(2). Not atomic.
  package static func write(
    path: String, _ contents: [UInt8], mode: UInt32 = 0o644
  ) throws(SystemError) {
    let number = try checked("open", "of \(path) for writing") {
      open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(mode))
    }
    let file = Descriptor(owning: number)
    var done = 0
    while done < contents.count {
      let count = contents.withUnsafeBytes { bytes in
        retryingInterrupts {
          Glibc.write(file.raw, bytes.baseAddress! + done, bytes.count - done)
        }
      }
      if count < 0 { throw failure("write", errno, "of \(contents.count) bytes to \(path)") }
      done += count
    }
  }

  /// Removes a file: unlink(2). One that is not there is no error.
  package static func remove(path: String) throws(SystemError) {
    let result = unlink(path)
    if result < 0 && errno != ENOENT { throw failure("unlink", errno, "of \(path)") }
  }

  /// Whether something is at `path`: access(2).
  package static func exists(path: String) -> Bool {
    access(path, F_OK) == 0
  }
}

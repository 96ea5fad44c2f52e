// Files that fit into memory at once: configuration, /proc, /sys, and what tests write.

import Glibc

/// Whole small files, by path.
package enum SmallFile {
  /// Everything in a file: open(2), read(2). EFBIG when it is longer than `maximumBytes`. Also for
  /// files of /proc and /sys, which have no size.
  package static func read(path: String, maximumBytes: Int) throws(SystemError) -> [UInt8] {
    let number = try checked("open", "of \(path)") { open(path, O_RDONLY | O_CLOEXEC) }
    let file = Descriptor(owning: number)
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

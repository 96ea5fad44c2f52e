// Replacing a file as a whole: a reader finds the old contents or the new ones, never a part.

import Glibc

extension SmallFile {
  /// Replaces a file, or creates it: written beside it under another name, fsync(2), rename(2).
  /// Where that fails nothing is left, and the old file is as it was. EINVAL for what is there and
  /// is no regular file: a device or a link would be replaced too. EEXIST where the other name is
  /// taken, which may be a trap that somebody laid.
  package static func replace(
    path: String, _ contents: [UInt8], mode: UInt32 = 0o644
  ) throws(SystemError) {
    var status = stat()
    if lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw SystemError(operation: "open", code: EINVAL, context: "of \(path), no regular file")
    }
    let draft = "\(path).\(Process.id).new"
    let number = try checked("open", "of \(draft) for writing") {
      open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
    }
    let file = Descriptor(owning: number)
    do throws(SystemError) {
      try write(contents, to: file, draft)
      try checked("fsync", "of \(draft)") { fsync(number) }
      try checked("rename", "of \(draft) to \(path)") { rename(draft, path) }
    } catch {
      try? remove(path: draft)
      throw error
    }
  }

  private static func write(
    _ contents: [UInt8], to file: borrowing Descriptor, _ path: String
  ) throws(SystemError) {
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
}

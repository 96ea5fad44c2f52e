// Replacing a file as a whole: a reader finds the old contents or the new ones, never a part.

import Glibc

extension SmallFile {
  /// Replaces a file, or creates it: written beside it under another name, fsync(2), rename(2).
  /// Where that fails nothing is left, and the old file is as it was.
  package static func replace(
    path: String, _ contents: [UInt8], mode: UInt32 = 0o644
  ) throws(SystemError) {
    let draft = "\(path).\(Process.id).new"
    do throws(SystemError) {
      try write(path: draft, contents, mode: mode)
      try synchronize(draft)
      try checked("rename", "of \(draft) to \(path)") { rename(draft, path) }
    } catch {
      try? remove(path: draft)
      throw error
    }
  }

  private static func synchronize(_ path: String) throws(SystemError) {
    let number = try checked("open", "of \(path)") { open(path, O_RDONLY | O_CLOEXEC) }
    let file = Descriptor(owning: number)
    try checked("fsync", "of \(path)") { fsync(file.raw) }
  }
}

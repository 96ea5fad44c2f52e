// A memory file in two strengths: one side reads and writes, the other may only read. A seal would
// not do, since it binds both, and those who come after them.

import Glibc

extension MemoryFile {
  /// A descriptor of the same file that can only be read and mapped for reading: open(2) of
  /// /proc/self/fd, proc(5). To be sent to who must not write; see `restrictToOwner`.
  package borrowing func openedForReading() throws(SystemError) -> Descriptor {
    let path = "/proc/self/fd/\(raw)"
    return Descriptor(
      owning: try checked("open", "of \(path) for reading") { open(path, O_RDONLY | O_CLOEXEC) })
  }

  /// Takes from other users the right to open the file again, as strongly as they like: fchmod(2).
  /// The descriptors that there are stay as strong as they are.
  package borrowing func restrictToOwner() throws(SystemError) {
    let number = raw
    try checked("fchmod", "to 0600") { fchmod(number, 0o600) }
  }

  /// As `init(descriptor:)`, of a file that may be open for reading only: then it can be read and
  /// mapped for reading, and nothing else.
  package init(readable descriptor: consuming Descriptor) throws(SystemError) {
    let number = descriptor.raw
    let flags = try checked("fcntl", "F_GETFL") { fcntl(number, F_GETFL) }
    if flags & O_ACCMODE == O_WRONLY {
      throw SystemError(
        operation: "fcntl", code: EACCES, context: "F_GETFL of a memory file not open for reading")
    }
    self = try MemoryFile(anyAccess: descriptor)
  }
}

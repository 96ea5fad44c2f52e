// What a descriptor is that came without a word about it, as the kernel itself names it. To be
// asked before anything is done with it.

import Glibc

extension Descriptor {
  package enum Kind: Equatable, Sendable {
    case socket
    case userfault
    case memoryFile
    case other
  }

  /// proc(5), /proc/self/fd.
  package borrowing func kind() -> Kind {
    guard let name = kernelName() else { return .other }
    if name.hasPrefix("socket:") { return .socket }
    if name == "anon_inode:[userfaultfd]" { return .userfault }
    return name.hasPrefix("/memfd:") ? .memoryFile : .other
  }

  /// The number of the open file's inode: fstat(2), st_ino. Among memory files that exist at the
  /// same time it names one.
  package borrowing func inode() throws(SystemError) -> UInt64 {
    let number = raw
    var status = stat()
    try checked("fstat") { fstat(number, &status) }
    return UInt64(status.st_ino)
  }
}

// How many descriptors lie in a socket's queue that nobody has received yet, as the kernel counts
// them: proc(5), /proc/PID/fdinfo, "scm_fds" (Linux 5.6). Asked before they are received, since
// from then on they are ours to close.

import Glibc

enum SocketQueue {
  private static let maximumBytes = 4096
  private static let label = "scm_fds:"

  /// 0 for a socket that carries none at all, such as one of TCP. Throws where the kernel cannot be
  /// asked: EMFILE when this process may open no more.
  static func descriptors(in raw: CInt) throws(SystemError) -> Int {
    let bytes = try SmallFile.read(path: "/proc/self/fdinfo/\(raw)", maximumBytes: maximumBytes)
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let text = String(decoding: line, as: UTF8.self)
      guard text.hasPrefix(label) else { continue }
      let number = text.dropFirst(label.count).drop { $0 == "\t" || $0 == " " }
      guard let count = Int(number) else { break }
      return count
    }
    return 0
  }
}

// The address of a Unix socket: a path in the file system. Abstract names have no permissions, so
// nothing of ours listens on one; a supervisor may.

import Glibc

/// A path as unix(7) wants it.
struct SocketAddress {
  private var address = sockaddr_un()
  let path: String
  private var length = socklen_t(MemoryLayout<sockaddr_un>.size)

  /// Throws ENAMETOOLONG for a path that does not fit its 107 bytes, and EINVAL for one that is
  /// empty or contains a zero byte.
  init(path: String) throws(SystemError) {
    self.path = path
    let bytes = Array(path.utf8)
    if bytes.isEmpty || bytes.contains(0) {
      throw SystemError(operation: "socket", code: EINVAL, context: "path \"\(path)\"")
    }
    address.sun_family = sa_family_t(AF_UNIX)
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    if bytes.count >= capacity {
      throw SystemError(
        operation: "socket", code: ENAMETOOLONG,
        context: "path of \(bytes.count) bytes, at most \(capacity - 1)")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
  }

  /// As systemd writes addresses: a path, or an abstract name with an `@` in front.
  init(named name: String) throws(SystemError) {
    if name.hasPrefix("@") {
      try self.init(abstract: String(name.dropFirst()))
    } else {
      try self.init(path: name)
    }
  }

  /// A name that is no path. Throws as `init(path:)`.
  init(abstract name: String) throws(SystemError) {
    // One byte in front tells it from a path, and nothing behind it belongs to it.
    try self.init(path: "@" + name)
    withUnsafeMutableBytes(of: &address.sun_path) { $0[0] = 0 }
    length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.utf8.count)
  }

  /// Lends the address to a system call.
  func with<Result>(_ call: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        call($0, length)
      }
    }
  }
}

// What is at the path where a socket is wanted: a listener, a socket that nobody listens at any
// more, or something that is no socket.

import Glibc

/// Looked at for a moment; it may change at once.
package enum PathOccupant: Equatable, Sendable {
  case nothing
  /// The file of a socket whose listener has gone.
  case stale
  /// Somebody listens; the process that began to, if it can be told.
  case listener(process: Int32?)
  /// "a directory", "a file" and such.
  case other(String)

  /// Connects for a moment, to see whether anybody listens: lstat(2), connect(2).
  package static func at(_ path: String) throws(SystemError) -> PathOccupant {
    let address = try SocketAddress(path: path)
    var status = stat()
    guard lstat(path, &status) == 0 else {
      let code = errno
      guard code == ENOENT || code == ENOTDIR else { throw failure("lstat", code, "of \(path)") }
      return .nothing
    }
    switch status.st_mode & S_IFMT {
    case S_IFSOCK: return try socket(at: address)
    case S_IFDIR: return .other("a directory")
    case S_IFLNK: return .other("a symbolic link")
    case S_IFIFO: return .other("a named pipe")
    case S_IFREG: return .other("a file")
    default: return .other("a device")
    }
  }

  /// Longer than anybody takes from bind(2) to listen(2).
  private static let pauseMilliseconds: CInt = 20
  private static let looks = 10

  /// As `at`, but of what lasts: whoever is about to listen refuses connections as somebody who
  /// has gone, and the socket of a process that is just dying, or has just forked, is there for a
  /// moment longer. Takes up to 0.2 s.
  package static func lasting(_ path: String) throws(SystemError) -> PathOccupant {
    var before = PathOccupant.nothing
    for _ in 0..<looks {
      let found = try at(path)
      switch found {
      case .nothing, .other: return found
      case .stale where before == .stale: return found
      case .stale, .listener: before = found
      }
      _ = poll(nil, 0, pauseMilliseconds)
    }
    return before
  }

  private static func socket(at address: SocketAddress) throws(SystemError) -> PathOccupant {
    for kind in [LocalSocket.Kind.sequentialPacket, .stream] {
      let probe = try LocalSocket.create(kind)
      // A full queue must not make it wait.
      try probe.descriptor.setNonBlocking()
      let number = probe.raw
      if address.with({ Glibc.connect(number, $0, $1) }) == 0 {
        let process = (try? probe.peerCredentials())?.process ?? 0
        return .listener(process: process > 0 ? process : nil)
      }
      switch errno {
      case ECONNREFUSED: return .stale
      case ENOENT: return .nothing
      case EPROTOTYPE: continue
      default: return .listener(process: nil)
      }
    }
    return .listener(process: nil)
  }
}

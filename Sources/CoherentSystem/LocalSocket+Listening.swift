// Listening and accepting. The socket's file gets its owner and mode before anybody can connect; a
// file left by a dead listener is replaced, one with a living listener never.

import CLinux
import Glibc

/// What an attempt to accept brought.
package enum AcceptOutcome: ~Copyable, Sendable {
  case accepted(LocalSocket)
  /// Nobody waits.
  case wouldBlock
  /// As errno(3): EMFILE and ENFILE when descriptors have run out; the peer stays in the queue.
  case failed(CInt)
}

extension LocalSocket {
  /// Listens at `path`: bind(2), chmod(2), chown(2), listen(2). Non-blocking. EADDRINUSE when
  /// somebody listens there or the file is no socket.
  package static func listen(
    path: String, kind: Kind, mode: UInt32, group: UInt32? = nil, backlog: Int32 = 128
  ) throws(SystemError) -> LocalSocket {
    let address = try SocketAddress(path: path)
    let socket = try create(kind)
    do throws(SystemError) {
      try socket.bind(to: address)
    } catch {
      guard error.code == EADDRINUSE, isStale(address, kind) else { throw error }
      try SmallFile.remove(path: path)
      try socket.bind(to: address)
    }
    try checked("chmod", "of \(path)") { chmod(path, mode_t(mode)) }
    if let group {
      try checked("chown", "of \(path) to group \(group)") { chown(path, uid_t.max, gid_t(group)) }
    }
    let number = socket.raw
    try checked("listen", "at \(path)") { Glibc.listen(number, backlog) }
    try socket.descriptor.setNonBlocking()
    return socket.listening()
  }

  /// The same, closed as a listener is.
  consuming func listening() -> LocalSocket {
    charged(ClosingCharge(.listener, user: Process.effectiveUser))
  }

  /// Receives what anybody sends to `path`, without connections: bind(2). EADDRINUSE when there is
  /// such a file.
  package static func receiveDatagrams(path: String) throws(SystemError) -> LocalSocket {
    let socket = try create(.datagram)
    try socket.bind(to: try SocketAddress(path: path))
    return socket
  }

  /// Takes the next peer: accept4(2), close-on-exec. The listening socket must be non-blocking, as
  /// `listen` makes it. A peer that gave up while it waited is passed over. The socket's closing is
  /// charged to its peer.
  package borrowing func accept() -> AcceptOutcome {
    while true {
      let number = clinux_accept(raw)
      if number >= 0 {
        let charge = Self.charge(ofConnection: number)
        return .accepted(LocalSocket(adopting: Descriptor(owning: number, charge: charge)))
      }
      switch errno {
      case EINTR, ECONNABORTED: continue
      case EAGAIN: return .wouldBlock
      case let code:
        invariant(code != EBADF && code != EFAULT, "an open socket accepts")
        return .failed(code)
      }
    }
  }

  /// Whose a connection is: getsockopt(2), SO_PEERCRED; nobody's (`UInt32.max`) if it is no user's
  /// of this machine.
  static func charge(ofConnection raw: CInt) -> ClosingCharge {
    var process: pid_t = 0
    var user = uid_t.max
    var group: gid_t = 0
    _ = clinux_peer_credentials(raw, &process, &user, &group)
    return ClosingCharge(.connection, user: user)
  }

  private borrowing func bind(to address: SocketAddress) throws(SystemError) {
    let number = raw
    try checked("bind", "to \(address.path)") { address.with { Glibc.bind(number, $0, $1) } }
  }

  /// Whether the file is a socket that refuses connections: nobody listens any more. A full queue
  /// (EAGAIN, since the attempt does not wait) is a listener.
  private static func isStale(_ address: SocketAddress, _ kind: Kind) -> Bool {
    var status = stat()
    guard lstat(address.path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
      return false
    }
    let type = kind.number | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
    let number = Glibc.socket(AF_UNIX, type, 0)
    if number < 0 { return false }
    let probe = Descriptor(owning: number)
    return address.with { Glibc.connect(probe.raw, $0, $1) } < 0 && errno == ECONNREFUSED
  }
}

// A Unix socket with one owner. Its descriptor blocks, and each call says whether it may wait: so a
// loop never waits for a peer, and a client may. Only a listening socket is non-blocking itself.

import CLinux
import Glibc

/// An owned Unix socket, connected or listening.
package struct LocalSocket: ~Copyable, Sendable {
  package enum Kind: Sendable {
    /// One message per packet, in order: SOCK_SEQPACKET.
    case sequentialPacket
    /// Bytes: SOCK_STREAM.
    case stream
    /// Messages without a connection: SOCK_DGRAM.
    case datagram

    var number: CInt {
      switch self {
      case .sequentialPacket: CInt(SOCK_SEQPACKET.rawValue)
      case .stream: CInt(SOCK_STREAM.rawValue)
      case .datagram: CInt(SOCK_DGRAM.rawValue)
      }
    }
  }

  package let descriptor: Descriptor

  /// The number, for calls that borrow the descriptor.
  package var raw: CInt { descriptor.raw }

  /// Takes ownership of a socket that was accepted, received or kept elsewhere.
  package init(adopting descriptor: consuming Descriptor) {
    self.descriptor = descriptor
  }

  /// The same, closed by the closers.
  package consuming func charged(_ charge: ClosingCharge) -> LocalSocket {
    LocalSocket(adopting: descriptor.charged(charge))
  }

  /// Gives the number away; whoever receives it closes it, as any other descriptor.
  package consuming func release() -> CInt { descriptor.release() }

  /// Connects to the socket at `path`: socket(2), connect(2). Waits for a place in the listener's
  /// queue, at most `timeoutMilliseconds` if given (EAGAIN then).
  package static func connect(
    path: String, kind: Kind, timeoutMilliseconds: Int? = nil
  ) throws(SystemError) -> LocalSocket {
    let address = try SocketAddress(path: path)
    let socket = try create(kind)
    let number = socket.raw
    if let timeoutMilliseconds { try socket.setSendTimeout(milliseconds: timeoutMilliseconds) }
    try checked("connect", "to \(path)") {
      address.with { Glibc.connect(number, $0, $1) }
    }
    if timeoutMilliseconds != nil { try socket.setSendTimeout(milliseconds: 0) }
    return socket
  }

  /// Two connected sockets: socketpair(2), close-on-exec.
  package static func pair(kind: Kind) throws(SystemError) -> LocalSocketPair {
    var numbers: (CInt, CInt) = (-1, -1)
    let type = kind.number | CInt(SOCK_CLOEXEC.rawValue)
    try checked("socketpair") {
      withUnsafeMutablePointer(to: &numbers) {
        $0.withMemoryRebound(to: CInt.self, capacity: 2) { socketpair(AF_UNIX, type, 0, $0) }
      }
    }
    return LocalSocketPair(
      first: LocalSocket(adopting: Descriptor(owning: numbers.0)),
      second: LocalSocket(adopting: Descriptor(owning: numbers.1)))
  }

  /// Ends both directions; the peer sees the end, and so do waiting calls here: shutdown(2).
  /// A peer that is gone already is no error.
  package borrowing func shutdown() {
    let result = Glibc.shutdown(raw, CInt(SHUT_RDWR))
    invariant(result == 0 || errno == ENOTCONN, "only a socket is shut down")
  }

  /// Waits until something can be received, or the peer has gone, for at most the time given;
  /// negative waits for ever: poll(2). False when the time ran out.
  package borrowing func waitReadable(timeoutMilliseconds: Int32) -> Bool {
    waitFor(CInt(POLLIN), timeoutMilliseconds)
  }

  /// As `waitReadable`, until something can be sent.
  package borrowing func waitWritable(timeoutMilliseconds: Int32) -> Bool {
    waitFor(CInt(POLLOUT), timeoutMilliseconds)
  }

  static func create(_ kind: Kind) throws(SystemError) -> LocalSocket {
    let type = kind.number | CInt(SOCK_CLOEXEC.rawValue)
    let number = try checked("socket", "AF_UNIX") { Glibc.socket(AF_UNIX, type, 0) }
    return LocalSocket(adopting: Descriptor(owning: number))
  }

  private borrowing func waitFor(_ events: CInt, _ timeoutMilliseconds: Int32) -> Bool {
    Readiness.wait(raw, events: events, timeoutMilliseconds: timeoutMilliseconds)
  }
}

/// Both ends of a new socket pair. Frozen, so that other modules may take them apart.
@frozen
package struct LocalSocketPair: ~Copyable, Sendable {
  package let first: LocalSocket
  package let second: LocalSocket
}

// Messages without a connection to one receiver: the socket of a supervisor. Sending never waits.

import Glibc

/// An owned socket to send from, and where to: unix(7), SOCK_DGRAM.
package struct DatagramSender: ~Copyable, Sendable {
  private let socket: LocalSocket
  private let destination: SocketAddress

  /// To a path, or to an abstract name that is written with an `@` in front, as systemd writes it.
  /// Nobody needs to be there yet.
  package init(destination: String) throws(SystemError) {
    let address = try SocketAddress(named: destination)
    let created = try LocalSocket.create(.datagram)
    self.destination = address
    socket = created
  }

  /// Sends one message, whole or not at all: sendmsg(2), MSG_DONTWAIT. The descriptors stay the
  /// caller's. `closed` where nobody is there.
  package borrowing func send(_ text: String, descriptors: [CInt] = []) -> SendOutcome {
    Array(text.utf8).withUnsafeBytes {
      socket.send($0, descriptors: descriptors, to: destination)
    }
  }
}

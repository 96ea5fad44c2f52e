// A connected TCP socket with unsent data and a long time to linger, whose peer reads nothing: its
// last closing waits for that time, or until the peer lets go. On the loopback address only.

import Glibc

package final class LingeringSocket {
  /// For whoever sends a copy of it; -1 once it was given away.
  package private(set) var raw: CInt
  private var listener: CInt
  private var peer: CInt

  package static let lingerSeconds: CInt = 1000
  private static let bufferBytes: CInt = 4096

  package init() {
    let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    let (waiting, sender) = (socket(AF_INET, type, 0), socket(AF_INET, type, 0))
    for number in [waiting, sender] {
      Self.set(number, SO_SNDBUF, Self.bufferBytes)
      Self.set(number, SO_RCVBUF, Self.bufferBytes)
    }
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let isConnected = withUnsafeMutablePointer(to: &name) { name in
      name.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return bind(waiting, name, length) == 0 && listen(waiting, 1) == 0
          && getsockname(waiting, name, &length) == 0 && connect(sender, name, length) == 0
      }
    }
    precondition(isConnected, "a loopback connection can be made")
    (raw, listener, peer) = (sender, waiting, accept(waiting, nil, nil))
    // No child of the test's may hold it open.
    _ = fcntl(peer, F_SETFD, FD_CLOEXEC)
    fill()
    var linger = linger(l_onoff: 1, l_linger: Self.lingerSeconds)
    let result = setsockopt(
      raw, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    precondition(result == 0, "a socket can linger")
  }

  deinit {
    // In this order: the last closing would wait for the peer.
    letGo()
    giveAway()
  }

  /// Writes until neither side has room for more.
  private func fill() {
    let bytes = [UInt8](repeating: 1, count: 65536)
    while true {
      while send(raw, bytes, bytes.count, CInt(MSG_DONTWAIT)) > 0 {}
      var entry = pollfd(fd: raw, events: Int16(POLLOUT), revents: 0)
      if poll(&entry, 1, 20) == 0 { return }
    }
  }

  /// Closes our copy. Somebody else has one: this one would linger.
  package func giveAway() {
    guard raw >= 0 else { return }
    close(raw)
    raw = -1
  }

  /// The peer goes: whoever waits in the last closing goes on.
  package func letGo() {
    for number in [peer, listener] where number >= 0 { close(number) }
    (peer, listener) = (-1, -1)
  }

  private static func set(_ number: CInt, _ option: CInt, _ value: CInt) {
    var value = value
    setsockopt(number, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<CInt>.size))
  }
}

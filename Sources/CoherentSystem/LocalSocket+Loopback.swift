// Listening for programs of this machine that know only ports: on a loopback address, which no
// other machine can reach.

import Glibc

/// An address that only this machine reaches.
package enum LoopbackAddress: Equatable, Sendable {
  /// 127.x.y.z, as its four bytes in their order.
  case version4(UInt8, UInt8, UInt8, UInt8)
  /// ::1
  case version6
}

extension LocalSocket {
  /// Listens at a port, 0 for any that is free: socket(2), setsockopt(2), bind(2), listen(2).
  /// Non-blocking; accepts as a Unix socket does. Throws EINVAL for an address that is no loopback.
  package static func listen(
    loopback address: LoopbackAddress, port: UInt16, backlog: Int32 = 16
  ) throws(SystemError) -> LocalSocket {
    switch address {
    case .version4(let first, let second, let third, let fourth):
      guard first == 127 else {
        throw SystemError(operation: "bind", code: EINVAL, context: "to no loopback address")
      }
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_port = port.bigEndian
      name.sin_addr.s_addr =
        (UInt32(first) << 24 | UInt32(second) << 16 | UInt32(third) << 8 | UInt32(fourth))
        .bigEndian
      return try listen(AF_INET, name, port, backlog)
    case .version6:
      var name = sockaddr_in6()
      name.sin6_family = sa_family_t(AF_INET6)
      name.sin6_port = port.bigEndian
      withUnsafeMutableBytes(of: &name.sin6_addr) { $0[15] = 1 }
      return try listen(AF_INET6, name, port, backlog)
    }
  }

  private static func listen<Name>(
    _ family: CInt, _ name: Name, _ port: UInt16, _ backlog: Int32
  ) throws(SystemError) -> LocalSocket {
    let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    let number = try checked("socket", "for port \(port)") { Glibc.socket(family, type, 0) }
    let socket = LocalSocket(adopting: Descriptor(owning: number))
    var one: CInt = 1
    try checked("setsockopt", "SO_REUSEADDR") {
      setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<CInt>.size))
    }
    try checked("bind", "to port \(port)") {
      withUnsafeBytes(of: name) { bytes in
        bytes.withMemoryRebound(to: sockaddr.self) {
          Glibc.bind(number, $0.baseAddress!, socklen_t(MemoryLayout<Name>.size))
        }
      }
    }
    try checked("listen", "at port \(port)") { Glibc.listen(number, backlog) }
    try socket.descriptor.setNonBlocking()
    return socket
  }

  /// The port of a socket that `listen(loopback:)` made: getsockname(2). Nil for any other kind.
  package borrowing func port() -> UInt16? {
    var name = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let number = raw
    let result = withUnsafeMutableBytes(of: &name) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) {
        getsockname(number, $0.baseAddress!, &length)
      }
    }
    let family = CInt(name.sin6_family)
    // Both kinds of address have their port at the same place.
    return result == 0 && (family == AF_INET || family == AF_INET6)
      ? UInt16(bigEndian: name.sin6_port) : nil
  }
}

// Listening for programs of this machine that know only ports: on a loopback address, which no
// other machine can reach.

import CLinux
import Glibc

/// An address that only this machine reaches.
package enum LoopbackAddress: Equatable, Sendable {
  /// 127.x.y.z, as its four bytes in their order.
  case version4(UInt8, UInt8, UInt8, UInt8)
  /// ::1
  case version6

  /// Lends the address with a port to a system call.
  func with<Result>(
    port: UInt16, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    switch self {
    case .version4(let first, let second, let third, let fourth):
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_port = port.bigEndian
      name.sin_addr.s_addr =
        (UInt32(first) << 24 | UInt32(second) << 16 | UInt32(third) << 8 | UInt32(fourth))
        .bigEndian
      return Self.lend(name, call)
    case .version6:
      var name = sockaddr_in6()
      name.sin6_family = sa_family_t(AF_INET6)
      name.sin6_port = port.bigEndian
      withUnsafeMutableBytes(of: &name.sin6_addr) { $0[15] = 1 }
      return Self.lend(name, call)
    }
  }

  private static func lend<Name, Result>(
    _ name: Name, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    withUnsafePointer(to: name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        call($0, socklen_t(MemoryLayout<Name>.size))
      }
    }
  }
}

extension LocalSocket {
  /// Listens at a port, 0 for any that is free: socket(2), setsockopt(2), bind(2), listen(2).
  /// Non-blocking; accepts as a Unix socket does. Throws EINVAL for an address that is no loopback.
  package static func listen(
    loopback address: LoopbackAddress, port: UInt16, backlog: Int32 = 16
  ) throws(SystemError) -> LocalSocket {
    let socket = try createInternet(address)
    let number = socket.raw
    var one: CInt = 1
    try checked("setsockopt", "SO_REUSEADDR") {
      setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<CInt>.size))
    }
    try checked("bind", "to port \(port)") {
      address.with(port: port) { Glibc.bind(number, $0, $1) }
    }
    try checked("listen", "at port \(port)") { Glibc.listen(number, backlog) }
    try socket.descriptor.setNonBlocking()
    return socket.listening()
  }

  /// Connects to a port: socket(2), connect(2).
  package static func connect(
    loopback address: LoopbackAddress, port: UInt16
  ) throws(SystemError) -> LocalSocket {
    let socket = try createInternet(address)
    let number = socket.raw
    try checked("connect", "to port \(port)") {
      address.with(port: port) { Glibc.connect(number, $0, $1) }
    }
    return socket
  }

  private static func createInternet(
    _ address: LoopbackAddress
  ) throws(SystemError) -> LocalSocket {
    if case .version4(let first, _, _, _) = address, first != 127 {
      throw SystemError(operation: "socket", code: EINVAL, context: "for no loopback address")
    }
    let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    let family = address == .version6 ? AF_INET6 : AF_INET
    return LocalSocket(
      adopting: Descriptor(owning: try checked("socket") { Glibc.socket(family, type, 0) }))
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

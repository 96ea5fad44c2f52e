// Where metrics are served: a loopback address with its port, or the path of a Unix socket. Other
// addresses are refused: what counts this machine's memory is nobody's business on another.
import ArgumentParser
import CoherentSystem

enum ListenAddress: Equatable, ExpressibleByArgument {
  case path(String)
  case loopback(LoopbackAddress, port: UInt16)

  /// `127.0.0.1:9797`, `[::1]:9797`, `localhost:9797`, `/run/metrics.sock`.
  init?(argument: String) {
    if argument.contains("/") {
      self = .path(argument)
      return
    }
    guard let colon = argument.lastIndex(of: ":"),
      let port = UInt16(argument[argument.index(after: colon)...]),
      let address = Self.address(String(argument[..<colon]))
    else { return nil }
    self = .loopback(address, port: port)
  }

  private static func address(_ text: String) -> LoopbackAddress? {
    switch text {
    case "localhost": return .version4(127, 0, 0, 1)
    case "[::1]": return .version6
    default:
      let parts = text.split(separator: ".", omittingEmptySubsequences: false)
      let numbers = parts.compactMap { part in
        part.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } ? UInt8(part) : nil
      }
      guard parts.count == 4, numbers.count == 4, numbers[0] == 127 else { return nil }
      return .version4(numbers[0], numbers[1], numbers[2], numbers[3])
    }
  }
}

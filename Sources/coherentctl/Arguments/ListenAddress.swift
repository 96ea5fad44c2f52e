// Where metrics are served: a loopback address with its port, or the path of a Unix socket. Other
// addresses are refused: what counts this machine's memory is nobody's business on another.
import ArgumentParser
import CoherentSystem

enum ListenAddress: Equatable {
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

  /// Throws why it is no place to listen at, and what would be one.
  static func parsed(_ argument: String) throws -> ListenAddress {
    guard let address = ListenAddress(argument: argument) else {
      throw ValidationError(
        "metrics are served to this machine only: 127.0.0.1:PORT, [::1]:PORT, localhost:PORT, or "
          + "the path of a Unix socket, with a slash; for others, put a proxy before it")
    }
    return address
  }

  /// As a scraper is told it.
  static func url(_ address: LoopbackAddress, port: UInt16) -> String {
    let host =
      switch address {
      case .version4(let first, let second, let third, let fourth):
        "\(first).\(second).\(third).\(fourth)"
      case .version6: "[::1]"
      }
    return "http://\(host):\(port)/metrics"
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

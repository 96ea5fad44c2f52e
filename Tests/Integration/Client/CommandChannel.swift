// Where a client process gets its commands from, and where its answers go: packets of a socket that
// it inherited, or lines of its standard streams, where a shell is the only way to it.

import CoherentSystem

enum CommandChannel: ~Copyable {
  case packets(LocalSocket)
  case lines

  /// The longest command.
  private static let maximumBytes = 1 << 16

  /// The number of an inherited socket, or `-` for the standard streams; nil for anything else.
  init?(_ argument: String) {
    if argument == "-" {
      self = .lines
    } else if let number = CInt(argument) {
      self = .packets(LocalSocket(adopting: Descriptor(owning: number)))
    } else {
      return nil
    }
  }

  /// Waits for a command; nil when the test has hung up.
  borrowing func receive() -> String? {
    switch self {
    case .lines: return readLine()
    case .packets(let socket):
      var packet = [UInt8](repeating: 0, count: Self.maximumBytes)
      var descriptors: [CInt] = []
      let outcome = packet.withUnsafeMutableBytes {
        socket.receive(into: $0, descriptors: &descriptors, wait: true)
      }
      guard case .received(let count, _, _) = outcome else { return nil }
      return String(decoding: packet[..<count], as: UTF8.self)
    }
  }

  borrowing func send(_ answer: String) {
    switch self {
    case .lines: StandardOutput.write(answer + "\n")
    case .packets(let socket):
      Array(answer.utf8).withUnsafeBytes { _ = socket.send($0, wait: true) }
    }
  }
}

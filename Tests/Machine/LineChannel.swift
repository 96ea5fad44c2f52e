// Lines of text over a stream socket, as the emulator's monitor and the guest's shell speak them.
// Every wait has a bound.

import CoherentSystem

final class LineChannel {
  private let name: String
  private let socket: LocalSocket
  /// What came after the last whole line.
  private var rest: [UInt8] = []
  private var chunk = [UInt8](repeating: 0, count: 1 << 16)

  /// The name is said when it fails.
  init(_ name: String, _ socket: consuming LocalSocket) {
    self.name = name
    self.socket = socket
  }

  func send(_ line: String) throws {
    let bytes = Array((line + "\n").utf8)
    let outcome = bytes.withUnsafeBytes { socket.send($0, wait: true) }
    guard outcome == .sent(bytes.count) else {
      throw TestFailure("\(name) takes no line: \(outcome)")
    }
  }

  /// The next line, without its end; `deadline` is a time of the monotonic clock.
  func receive(by deadline: UInt64) throws -> String {
    while true {
      if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: rest[..<end], as: UTF8.self)
        rest.removeSubrange(...end)
        return line.hasSuffix("\r") ? String(line.dropLast()) : line
      }
      try receiveMore(by: deadline)
    }
  }

  private func receiveMore(by deadline: UInt64) throws {
    let now = Clock.monotonicNanoseconds()
    let left = Int32(clamping: deadline > now ? (deadline - now) / 1_000_000 : 0)
    guard socket.waitReadable(timeoutMilliseconds: left) else {
      throw TestFailure("\(name) is silent after: \(String(decoding: rest, as: UTF8.self))")
    }
    var descriptors: [CInt] = []
    let outcome = chunk.withUnsafeMutableBytes {
      socket.receive(into: $0, descriptors: &descriptors)
    }
    guard case .received(let count, _, _) = outcome else { throw TestFailure("\(name) is gone") }
    rest.append(contentsOf: chunk[..<count])
  }
}

// The administrators' interface spoken by hand: any text as a call, the reply as text.

import CoherentSystem

struct RawControl: ~Copyable {
  private let socket: LocalSocket

  init(_ daemon: TestDaemon) throws {
    socket = try LocalSocket.connect(
      path: daemon.controlPath, kind: .stream, timeoutMilliseconds: 10_000)
  }

  /// Sends one call, and waits for one reply.
  borrowing func call(_ text: String) throws -> String {
    _ = (Array(text.utf8) + [0]).withUnsafeBytes { socket.send($0, wait: true) }
    var answer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while answer.last != 0 {
      guard socket.waitReadable(timeoutMilliseconds: 60_000) else {
        throw TestFailure("no answer to \(text)")
      }
      var descriptors: [CInt] = []
      let outcome = chunk.withUnsafeMutableBytes {
        socket.receive(into: $0, descriptors: &descriptors)
      }
      guard case .received(let count, _, _) = outcome else {
        throw TestFailure("hung up on \(text)")
      }
      answer += chunk[..<count]
    }
    return String(decoding: answer.dropLast(), as: UTF8.self)
  }
}

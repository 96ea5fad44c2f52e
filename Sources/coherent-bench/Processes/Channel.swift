// The line between the benchmark and a process that it started: a socket that the child inherits.
// A message is one packet, so both sides always mean the same one.

import CoherentSystem

final class Channel: Sendable {
  private let socket: LocalSocket

  static let maximumBytes = 16 << 10

  init(_ socket: consuming LocalSocket) { self.socket = socket }

  /// The child's end, under the number that its command line gave.
  init(inherited number: Int32) throws {
    guard number > 2 else { throw BenchFailure("a worker is started by coherent-bench only") }
    socket = LocalSocket(adopting: Descriptor(owning: number))
  }

  var raw: CInt { socket.raw }

  func send(_ bytes: [UInt8], descriptors: [CInt] = []) throws {
    let outcome = bytes.withUnsafeBytes {
      socket.send($0, descriptors: descriptors, wait: true)
    }
    guard case .sent = outcome else {
      throw BenchFailure("the other process hung up: \(outcome)")
    }
  }

  /// Sends one packet of a caller that counts every instruction.
  func send(packet: UnsafeRawBufferPointer) -> SendOutcome { socket.send(packet, wait: true) }

  /// Waits for a packet without descriptors; its length, or nil when the other side is gone.
  func receive(packet: UnsafeMutableRawBufferPointer) -> Int? {
    var descriptors: [CInt] = []
    let outcome = socket.receive(into: packet, descriptors: &descriptors, wait: true)
    guard case .received(let count, _, _) = outcome else { return nil }
    return count
  }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  /// Waits for a message; nil when the other side is gone.
  func receive(descriptors: inout [CInt]) throws -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: Self.maximumBytes)
    let outcome = buffer.withUnsafeMutableBytes {
      socket.receive(into: $0, descriptors: &descriptors, wait: true)
    }
    switch outcome {
    case .received(let count, _, _): return Array(buffer[..<count])
    case .closed: return nil
    case .wouldBlock, .failed: throw BenchFailure("a channel cannot be read: \(outcome)")
    }
  }

  /// Waits for a text; nil when the other side is gone.
  func receiveText() throws -> String? {
    var descriptors: [CInt] = []
    defer { for number in descriptors { _ = Descriptor(owning: number) } }
    return try receive(descriptors: &descriptors).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Waits for exactly this text.
  func await(_ text: String, from name: String) throws {
    let answer = try receiveText()
    guard answer == text else {
      throw BenchFailure("\(name) said \(answer ?? "nothing") instead of \(text)")
    }
  }
}

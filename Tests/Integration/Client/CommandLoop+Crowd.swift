// Commands that take as much as one user can get of what all users share.

import Coherent
import CoherentSystem
import CoherentWire

/// What a crowd holds, until its process ends.
final class Crowd {
  var connections: [KeptConnection] = []
  var clients: [Client] = []
  var buffers: [Buffer] = []
  var waiting: [Thread] = []

  /// A socket in a collection, which takes no value that cannot be copied.
  final class KeptConnection {
    let socket: LocalSocket
    init(_ socket: consuming LocalSocket) { self.socket = socket }
  }
}

extension CommandLoop {
  func crowding(_ verb: String, _ words: inout Words) throws -> String? {
    switch verb {
    case "crowd-connect":
      for _ in 0..<(try words.number()) {
        let socket = try LocalSocket.connect(path: socketPath, kind: .sequentialPacket)
        crowd.connections.append(Crowd.KeptConnection(socket))
      }
      return "ok"
    case "crowd-hello":
      for _ in 0..<(try words.number()) { try hello() }
      return "ok"
    case "crowd-sessions":
      return try untilRefused(try words.number()) {
        crowd.clients.append(try Client(socketPath: socketPath))
      }
    case "crowd-allocate":
      let bytes = try words.number()
      return try untilRefused(try words.number()) {
        let client = crowd.clients[crowd.buffers.count % crowd.clients.count]
        crowd.buffers.append(try client.allocate(bytes: bytes, timeout: .milliseconds(5000)))
      }
    case "crowd-wait":
      let bytes = try words.number()
      for number in 0..<(try words.number()) {
        let client = crowd.clients[number % crowd.clients.count]
        crowd.waiting.append(
          try Thread.start(name: "waits") {
            _ = try? client.allocate(bytes: bytes, timeout: .milliseconds(60_000))
          })
      }
      return "ok"
    default: return nil
    }
  }

  /// Does something until it is refused: how often it was done, and then the refusal's words.
  private func untilRefused(_ most: Int, _ body: () throws -> Void) throws -> String {
    for done in 0..<most {
      do {
        try body()
      } catch let error as CoherentError {
        return "ok \(done) \(error.refusal.reason) \(error.refusal.detail)"
      }
    }
    return "ok \(most)"
  }

  private func hello() throws {
    let socket = try LocalSocket.connect(path: socketPath, kind: .sequentialPacket)
    let request = Request.hello(
      lowestVersion: ProtocolVersion.current, highestVersion: ProtocolVersion.current)
    var packet = [UInt8](repeating: 0, count: request.kind.requestBytes)
    var span = packet.mutableSpan
    _ = request.encode(RequestID(rawValue: 1), into: &span)
    _ = packet.withUnsafeBytes { socket.send($0) }
    crowd.connections.append(Crowd.KeptConnection(socket))
  }
}

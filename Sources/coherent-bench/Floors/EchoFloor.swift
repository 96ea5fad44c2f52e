// The floor of a request: a packet of the same length to another process that waits in a receive,
// and a packet of the reply's length back.

import CoherentWire

final class EchoFloor {
  private let worker: Worker
  private let packet: UnsafeMutableRawBufferPointer

  init(processors: [Int]?) throws {
    worker = try Worker("echo", processors: processors)
    packet = .allocate(byteCount: PacketLimits.maximumBytes, alignment: 16)
    packet.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit { packet.deallocate() }

  /// One round trip.
  func exchange(requestBytes: Int, replyBytes: Int) throws {
    packet.storeBytes(of: UInt32(replyBytes), as: UInt32.self)
    let request = UnsafeRawBufferPointer(rebasing: packet[..<requestBytes])
    guard case .sent = worker.channel.send(packet: request),
      worker.channel.receive(packet: packet) == replyBytes
    else { throw BenchFailure("the bare server of the floor hung up") }
  }

  func end() throws { try worker.end() }
}

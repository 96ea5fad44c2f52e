// A client that will be killed: it writes to its memory without end, and holds fast pins that it
// renews long before their lease is over.

import ArgumentParser
import Coherent
import CoherentSystem

struct VictimRole: WorkerRole {
  static let configuration = CommandConfiguration(commandName: "victim", shouldDisplay: false)

  @OptionGroup var line: ChannelOptions
  @Option var socket: String
  @Option var length: Int
  @Option var pins: Int
  @Option var piece: Int

  func play(_ channel: Channel) throws {
    let client = try Client(socketPath: socket)
    let buffers = try (0..<length / piece).map { _ in
      let buffer = try client.allocate(bytes: piece, timeout: .seconds(60))
      Self.write(buffer, 1)
      return buffer
    }
    var held = try (0..<pins).map { try HeldPin(buffers[$0 % buffers.count]) }
    try channel.send("holding")
    var round: UInt8 = 1
    while true {
      round &+= 1
      for number in held.indices { held[number] = try HeldPin(buffers[number % buffers.count]) }
      Self.write(buffers[Int(round) % buffers.count], round)
    }
  }

  private static func write(_ buffer: Buffer, _ mark: UInt8) {
    for offset in stride(from: 0, to: buffer.count, by: PageSize.bytes) {
      buffer.bytes[offset] = mark
    }
  }
}

/// A pin that an array can hold.
private final class HeldPin {
  private let pin: Pin

  init(_ buffer: Buffer) throws { pin = try buffer.pin(lease: .zero) }
}

/// A bare process that will be killed: it maps the memory that it was sent, and writes to it.
struct BareVictimRole: WorkerRole {
  static let configuration = CommandConfiguration(commandName: "bare-victim", shouldDisplay: false)

  @OptionGroup var line: ChannelOptions
  @Option var length: Int

  func play(_ channel: Channel) throws {
    var descriptors: [CInt] = []
    guard try channel.receive(descriptors: &descriptors) != nil, descriptors.count == 1 else {
      throw BenchFailure("a bare victim is sent one file")
    }
    let file = try MemoryFile(descriptor: Descriptor(owning: descriptors[0]))
    let mapping = try Mapping(file: file, lengthBytes: length, writable: true)
    try mapping.populate(offsetBytes: 0, lengthBytes: length)
    try channel.send("holding")
    var round: UInt8 = 0
    while true {
      round &+= 1
      for offset in stride(from: 0, to: length, by: PageSize.bytes) {
        mapping.bytes[offset] = round
      }
    }
  }
}

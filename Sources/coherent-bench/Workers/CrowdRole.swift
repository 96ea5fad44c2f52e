// A client that keeps a device full: it allocates more than there is, and writes to one frame after
// the other, round and round, until it is killed.

import ArgumentParser
import Coherent
import CoherentSystem

struct CrowdRole: WorkerRole {
  static let configuration = CommandConfiguration(commandName: "crowd", shouldDisplay: false)

  @OptionGroup var line: ChannelOptions
  @Option var socket: String
  @Option var length: Int

  private static let pieceBytes = 1 << 20

  func play(_ channel: Channel) throws {
    let client = try Client(socketPath: socket)
    let buffers = try (0..<length / Self.pieceBytes).map { _ in
      try client.allocate(bytes: Self.pieceBytes, timeout: .seconds(60))
    }
    for round in 0... {
      for buffer in buffers {
        for offset in stride(from: 0, to: buffer.count, by: client.frameBytes) {
          buffer.bytes[offset] = UInt8(truncatingIfNeeded: round)
        }
      }
      if round == 0 { try channel.send("full") }
    }
  }
}

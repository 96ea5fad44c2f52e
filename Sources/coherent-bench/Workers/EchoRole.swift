// The bare server of a request's floor: it waits for a packet, answers with one of the length that
// the packet's first four bytes ask for, and does nothing else.

import ArgumentParser
import CoherentWire

struct EchoRole: WorkerRole {
  static let configuration = CommandConfiguration(commandName: "echo", shouldDisplay: false)

  @OptionGroup var line: ChannelOptions

  func play(_ channel: Channel) throws {
    withUnsafeTemporaryAllocation(byteCount: PacketLimits.maximumBytes, alignment: 16) { packet in
      packet.initializeMemory(as: UInt8.self, repeating: 0)
      while let count = channel.receive(packet: packet), count >= 4 {
        let wanted = Int(packet.loadUnaligned(as: UInt32.self))
        let reply = UnsafeRawBufferPointer(rebasing: packet[..<min(wanted, packet.count)])
        guard case .sent = channel.send(packet: reply) else { return }
      }
    }
  }
}

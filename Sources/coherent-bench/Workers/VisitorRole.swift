// A client that comes and goes, again and again: somebody connects at any moment at which a daemon
// may die. Being hung up on is no fault, since a session counts from the moment it is attached.

import ArgumentParser
import Coherent
import CoherentSystem

struct VisitorRole: WorkerRole {
  static let configuration = CommandConfiguration(commandName: "visitor", shouldDisplay: false)

  @OptionGroup var line: ChannelOptions
  @Option var socket: String

  private static let restMilliseconds: UInt64 = 3

  func play(_ channel: Channel) throws {
    let never = Pending()
    while !never.wait(milliseconds: Self.restMilliseconds) { try? visit() }
  }

  private func visit() throws {
    let client = try Client(socketPath: socket)
    defer { client.close() }
    let buffer = try client.allocate(bytes: client.frameBytes)
    buffer.bytes[0] = 1
    try buffer.free()
  }
}

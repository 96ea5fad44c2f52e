// The client of `many`: makes a few allocations, then very many, and tells what an allocation costs
// in memory, here and in the daemon, and what making and freeing one takes beside so many others.

import ArgumentParser
import Coherent
import CoherentControl
import CoherentSystem

struct ManyReport: Codable {
  let fewMicroseconds: Double
  let manyMicroseconds: Double
  let daemonBytesEach: Double
  let clientBytesEach: Double
}

struct ManyRole: WorkerRole {
  static let configuration = CommandConfiguration(commandName: "many", shouldDisplay: false)

  @OptionGroup var line: ChannelOptions
  @Option var socket: String
  /// The daemon's process.
  @Option var daemon: Int32
  @Option var few: Int
  @Option var many: Int
  @Option var pairs: Int

  func play(_ channel: Channel) throws {
    do {
      try channel.send(JSONCoding.encode(try measure()))
    } catch {
      try? channel.send(FailureText.of(error))
    }
    _ = try? channel.receiveText()
  }

  private func measure() throws -> ManyReport {
    let client = try Client(socketPath: socket)
    var buffers: [Buffer] = []
    buffers.reserveCapacity(many)
    for _ in 0..<few { buffers.append(try client.allocate(bytes: client.frameBytes)) }
    let fewMicroseconds = try pairMicroseconds(client)
    let daemonBefore = try ProcessMemory.anonymousBytes(of: daemon)
    let clientBefore = try ProcessMemory.anonymousBytes(of: Process.id)
    for _ in few..<many { buffers.append(try client.allocate(bytes: client.frameBytes)) }
    let daemonGrowth = try ProcessMemory.anonymousBytes(of: daemon) - daemonBefore
    let clientGrowth = try ProcessMemory.anonymousBytes(of: Process.id) - clientBefore
    let manyMicroseconds = try pairMicroseconds(client)
    client.close()
    return ManyReport(
      fewMicroseconds: fewMicroseconds, manyMicroseconds: manyMicroseconds,
      daemonBytesEach: Double(daemonGrowth) / Double(many - few),
      clientBytesEach: Double(clientGrowth) / Double(many - few))
  }

  /// The median time of an allocation and its freeing.
  private func pairMicroseconds(_ client: Client) throws -> Double {
    var latencies = Latencies(capacity: pairs)
    for _ in 0..<pairs {
      let start = Clock.monotonicNanoseconds()
      try client.allocate(bytes: client.frameBytes).free()
      latencies.add(from: start, to: Clock.monotonicNanoseconds())
    }
    return latencies.medianMicroseconds
  }
}

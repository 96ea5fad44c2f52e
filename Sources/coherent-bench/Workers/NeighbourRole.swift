// A well-behaved client beside one that means harm: it asks, faults, and looks after its bytes, and
// tells the longest that it waited for any of that since it was last asked.

import ArgumentParser
import Coherent
import CoherentControl
import CoherentSystem

struct NeighbourReport: Codable {
  var longestMilliseconds: Double = 0
  /// What took the longest.
  var longestWork = "nothing"
  /// What it did not find as it had left it, or was refused.
  var harm: String?
}

struct NeighbourRole: WorkerRole {
  static let configuration = CommandConfiguration(commandName: "neighbour", shouldDisplay: false)

  @OptionGroup var line: ChannelOptions
  @Option var socket: String

  private static let bufferBytes = 1 << 20
  private static let restMilliseconds: UInt64 = 2

  func play(_ channel: Channel) throws {
    let client = try Client(socketPath: socket)
    let kept = try client.allocate(bytes: Self.bufferBytes)
    let spare = try client.allocate(bytes: Self.bufferBytes)
    for offset in 0..<kept.count { kept.bytes[offset] = Self.mark(offset) }
    try channel.send("ready")
    let never = Pending()
    var report = NeighbourReport()
    var round = 0
    while true {
      round += 1
      do {
        try live(client, kept, spare, round, &report)
      } catch {
        report.harm = report.harm ?? FailureText.of(error)
      }
      _ = never.wait(milliseconds: Self.restMilliseconds)
      guard Readiness.waitReadable(channel.raw, timeoutMilliseconds: 0) else { continue }
      guard try channel.receiveText() != nil else { return }
      try channel.send(JSONCoding.encode(report))
      report = NeighbourReport()
    }
  }

  private func live(
    _ client: Client, _ kept: Buffer, _ spare: Buffer, _ round: Int,
    _ report: inout NeighbourReport
  ) throws {
    try timed("a request", &report) { _ = try client.statistics() }
    try timed("a discard", &report) { _ = try spare.advise(.discard) }
    timed("a fault", &report) { spare.bytes[round * 4096 % spare.count] = 1 }
    if round % 8 == 0 {
      try timed("an eviction", &report) { _ = try kept.migrate(to: .host) }
    }
    // A look at each frame brings it back.
    var wrong: Int?
    timed("looking at its bytes", &report) {
      for offset in stride(from: round % 64, to: kept.count, by: 4093)
      where kept.bytes[offset] != Self.mark(offset) {
        wrong = offset
      }
    }
    if let wrong { report.harm = report.harm ?? "the byte at \(wrong) is another one" }
  }

  private func timed<Failure: Error>(
    _ work: String, _ report: inout NeighbourReport, _ body: () throws(Failure) -> Void
  ) throws(Failure) {
    let start = Clock.monotonicNanoseconds()
    try body()
    let took = Double(Clock.monotonicNanoseconds() - start) / 1e6
    guard took > report.longestMilliseconds else { return }
    report.longestMilliseconds = took
    report.longestWork = work
  }

  private static func mark(_ offset: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: offset &* 31 &+ offset >> 12)
  }
}

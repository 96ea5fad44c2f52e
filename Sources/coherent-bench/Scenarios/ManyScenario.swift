// `many`: what 100,000 live allocations cost: memory of the daemon for each, and the time of an
// allocation and its freeing, against the same with 100 live.

import Coherent
import CoherentSystem

enum ManyScenario: Scenario {
  static let name = "many"
  static let summary = "100,000 live allocations, against 100: memory for each, and time."

  private static let few = 100
  private static let many = 100_000
  private static let pairs = 10_000
  private static let bytesTarget = 200.0
  private static let timeTarget = 1.2

  static func measure(_ bench: Bench) throws {
    var plan = DaemonPlan(deviceBytes: bench.deviceBytes(otherwise: 512 << 20))
    plan.frameBytes = UInt64(PageSize.bytes)
    plan.arenaBytes = 1 << 30
    // Waking another processor would hide what a table costs.
    let placement = bench.placements.first!
    var times = (few: Sample(), many: Sample())
    var growth = (daemon: Sample(), client: Sample())
    for _ in 0..<bench.repetitions {
      // Each time a new daemon: memory that it once had it may keep.
      try bench.withDaemon(plan, at: placement) { daemon in
        try measure(daemon, &times, &growth)
      }
    }
    bench.report(
      Finding(
        name, "allocate + free, \(placement.label)", times.many, unit: "us", floor: times.few,
        target: .ratioAtMost(timeTarget), bytesEach: growth.daemon.median))
    bench.report(
      Finding(
        name, "daemon's memory each", growth.daemon, unit: "bytes",
        target: .valueAtMost(bytesTarget), bytesEach: growth.daemon.median))
    bench.report(
      Finding(
        name, "client's memory each", growth.client, unit: "bytes",
        bytesEach: growth.client.median))
  }

  private static func measure(
    _ daemon: Daemon, _ times: inout (few: Sample, many: Sample),
    _ growth: inout (daemon: Sample, client: Sample)
  ) throws {
    let client = try Client(socketPath: daemon.socketPath)
    var buffers: [Buffer] = []
    buffers.reserveCapacity(many)
    for _ in 0..<few { buffers.append(try client.allocate(bytes: client.frameBytes)) }
    times.few.add(try pairMicroseconds(client))
    let before = (
      daemon: try ProcessMemory.anonymousBytes(of: daemon.processID),
      client: try ProcessMemory.anonymousBytes(of: Process.id)
    )
    for _ in few..<many { buffers.append(try client.allocate(bytes: client.frameBytes)) }
    let after = (
      daemon: try ProcessMemory.anonymousBytes(of: daemon.processID),
      client: try ProcessMemory.anonymousBytes(of: Process.id)
    )
    times.many.add(try pairMicroseconds(client))
    growth.daemon.add(Double(after.daemon - before.daemon) / Double(many - few))
    growth.client.add(Double(after.client - before.client) / Double(many - few))
    client.close()
  }

  /// The median time of an allocation and its freeing.
  private static func pairMicroseconds(_ client: Client) throws -> Double {
    var latencies = Latencies(capacity: pairs)
    for _ in 0..<pairs {
      let start = Clock.monotonicNanoseconds()
      try client.allocate(bytes: client.frameBytes).free()
      latencies.add(from: start, to: Clock.monotonicNanoseconds())
    }
    return latencies.medianMicroseconds
  }
}

// `many`: what 100,000 live allocations cost: memory of the daemon for each, and the time of an
// allocation and its freeing, against the same with 100 live.

import CoherentControl
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
        let report = try report(daemon, placement)
        times.few.add(report.fewMicroseconds)
        times.many.add(report.manyMicroseconds)
        growth.daemon.add(report.daemonBytesEach)
        growth.client.add(report.clientBytesEach)
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
      Finding(name, "client's memory each", growth.client, unit: "bytes"))
  }

  /// A new process measures, for the same reason.
  private static func report(_ daemon: Daemon, _ placement: Placement) throws -> ManyReport {
    let worker = try Worker(
      "many",
      [
        "--socket", daemon.socketPath, "--daemon", "\(daemon.processID)", "--few", "\(few)",
        "--many", "\(many)", "--pairs", "\(pairs)",
      ], processors: placement.client)
    defer { try? worker.end() }
    guard let text = try worker.channel.receiveText() else {
      throw BenchFailure("the client with \(many) allocations is gone")
    }
    guard let report = try? JSONCoding.decode(ManyReport.self, from: Array(text.utf8)) else {
      throw BenchFailure(text)
    }
    return report
  }
}

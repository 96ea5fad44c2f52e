// `pressure`: four processes write four times the device, together, and read it all back, while the
// daemon evicts and restores under them. A word that is wrong is a failure. The floor are the same
// processes over ordinary shared memory, which nobody has to move.

import CoherentControl

enum PressureScenario: Scenario {
  static let name = "pressure"
  static let summary = "Four processes writing and reading back four times the device."

  private static let processes = 4
  private static let timesDevice: UInt64 = 4

  static func measure(_ bench: Bench) throws {
    let deviceBytes = bench.deviceBytes(otherwise: 128 << 20)
    let plan = DaemonPlan(deviceBytes: deviceBytes, hostBytes: deviceBytes * 6)
    try bench.withDaemon(plan, at: .asFound) { daemon in
      let before = try daemon.status()
      let length = Int(before.onlineBytes * timesDevice) / processes
      var ours = Sample()
      var bare = Sample()
      for _ in 0..<bench.repetitions {
        ours.add(try mebibytesPerSecond(length, ["--socket", daemon.socketPath]))
        bare.add(try mebibytesPerSecond(length, []))
      }
      let after = try daemon.status()
      try LossCheck.expectNothingLost(since: before, after)
      guard after.evictedFrames > before.evictedFrames else {
        throw BenchFailure("nothing was evicted: there was no pressure")
      }
      bench.report(Finding(name, "\(processes) processes", ours, unit: "MiB/s", floor: bare))
    }
  }

  private static func mebibytesPerSecond(_ length: Int, _ arguments: [String]) throws -> Double {
    let crew = try WorkerCrew(
      "pressure", count: processes, ["--length", "\(length)"] + arguments)
    try crew.wait(for: .ready)
    let seconds = try Stopwatch.seconds {
      try crew.tell("go")
      try crew.wait(for: .done)
    }
    let wrong = crew.reports.reduce(0) { $0 + $1.mismatches }
    let bytes = crew.reports.reduce(0) { $0 + $1.bytes }
    try crew.end()
    guard wrong == 0 else { throw BenchFailure("\(wrong) words were not what had been written") }
    return Stopwatch.mebibytesPerSecond(bytes, seconds)
  }
}

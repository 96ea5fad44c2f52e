// `client-crash`: a client is killed while it writes and pins; how long it takes until everything
// that it held can be used by others. The floor is a bare process that is killed while it maps as
// much memory: until its end is seen, and the memory is punched.

import CoherentControl
import CoherentSystem

enum ClientCrashScenario: Scenario {
  static let name = "client-crash"
  static let summary = "A client is killed: until all that it held can be used again."

  private struct Case {
    let label: String
    let mebibytes: Int
    /// Of each allocation.
    let pieceBytes: Int
    /// Held by fast pins at any moment.
    let pins: Int
    let target: Target?
  }

  private static let cases = [
    Case(label: "16 MiB", mebibytes: 16, pieceBytes: 1 << 20, pins: 0, target: nil),
    Case(label: "64 MiB", mebibytes: 64, pieceBytes: 1 << 20, pins: 0, target: nil),
    Case(label: "256 MiB", mebibytes: 256, pieceBytes: 1 << 20, pins: 0, target: nil),
    Case(
      label: "4 MiB, 8,192 fast pins", mebibytes: 4, pieceBytes: 64 << 10, pins: 8192,
      target: .valueAtMost(20)),
  ]
  private static let patienceNanoseconds: UInt64 = 60_000_000_000

  static func measure(_ bench: Bench) throws {
    let plan = DaemonPlan(deviceBytes: bench.deviceBytes(otherwise: 512 << 20))
    try bench.withDaemon(plan, at: bench.quietPlacement) { daemon in
      let room = try daemon.status().onlineBytes
      for test in cases where UInt64(test.mebibytes) << 20 <= room {
        var ours = Sample()
        var bare = Sample()
        for _ in 0..<bench.repetitions {
          ours.add(try milliseconds(test, daemon, bench.quietPlacement))
          bare.add(try bareMilliseconds(test, bench.quietPlacement))
        }
        bench.report(
          Finding(name, test.label, ours, unit: "ms", floor: bare, target: test.target))
      }
    }
  }

  private static func milliseconds(
    _ test: Case, _ daemon: Daemon, _ placement: Placement
  ) throws -> Double {
    var control = try ControlClient(path: daemon.controlPath)
    let before = try control.status()
    let victim = try Worker(
      "victim",
      [
        "--socket", daemon.socketPath, "--length", "\(test.mebibytes << 20)", "--pins",
        "\(test.pins)", "--piece", "\(test.pieceBytes)",
      ], processors: placement.client)
    try victim.channel.await("holding", from: "the client that is to be killed")
    let start = Clock.monotonicNanoseconds()
    victim.process.kill(signal: Signal.kill)
    var now = start
    repeat {
      guard now - start < patienceNanoseconds else {
        throw BenchFailure("what a killed client held did not come back within a minute")
      }
      let status = try control.status()
      now = Clock.monotonicNanoseconds()
      if isAsBefore(status, before) { break }
    } while true
    try victim.end()
    return Double(now - start) / 1e6
  }

  private static func isAsBefore(_ now: StatusReport, _ before: StatusReport) -> Bool {
    now.sessions == before.sessions && now.allocations == before.allocations
      && now.pins == before.pins && now.freeBytes >= before.freeBytes
      && now.hostReservedBytes == before.hostReservedBytes && now.hostBytes == before.hostBytes
  }

  private static func bareMilliseconds(_ test: Case, _ placement: Placement) throws -> Double {
    let lengthBytes = test.mebibytes << 20
    let file = try MemoryFile(name: "coherent-bench-floor", sizeBytes: UInt64(lengthBytes))
    let victim = try Worker(
      "bare-victim", ["--length", "\(lengthBytes)"], processors: placement.client)
    try victim.channel.send([0], descriptors: [file.raw])
    try victim.channel.await("holding", from: "the bare process that is to be killed")
    let start = Clock.monotonicNanoseconds()
    victim.process.kill(signal: Signal.kill)
    guard try victim.channel.receiveText() == nil else {
      throw BenchFailure("a process that was killed had something to say")
    }
    try file.punch(offsetBytes: 0, lengthBytes: UInt64(lengthBytes))
    let end = Clock.monotonicNanoseconds()
    try victim.end()
    return Double(end - start) / 1e6
  }
}

// `offline`: how long it takes until a full memory block is offline, and its memory given back,
// against copying as much. Without room in the other blocks its data goes to host memory; with room
// it stays on the device, and nothing is copied.

import Coherent
import CoherentControl
import CoherentSystem

enum OfflineScenario: Scenario {
  static let name = "offline"
  static let summary = "Taking a full memory block offline, against copying as much memory."

  private struct Case {
    let label: String
    /// How much of the device is in use, in thousandths.
    let usedThousandths: Int
  }

  private static let cases = [
    Case(label: "no room elsewhere", usedThousandths: 940),
    Case(label: "room elsewhere", usedThousandths: 500),
  ]
  private static let patienceNanoseconds: UInt64 = 60_000_000_000

  static func measure(_ bench: Bench) throws {
    let plan = DaemonPlan(deviceBytes: bench.deviceBytes(otherwise: 512 << 20))
    let placement = bench.quietPlacement
    for test in cases {
      try bench.withDaemon(plan, at: placement) { daemon in
        var ours = Sample()
        var copies = Sample()
        try measure(test, bench, placement, daemon, &ours, &copies)
        bench.report(Finding(name, test.label, ours, unit: "ms", floor: copies, target: nil))
      }
    }
  }

  private static func measure(
    _ test: Case, _ bench: Bench, _ placement: Placement, _ daemon: Daemon, _ ours: inout Sample,
    _ copies: inout Sample
  ) throws {
    let client = try Client(socketPath: daemon.socketPath)
    defer { client.close() }
    let statistics = try client.statistics()
    let lengthBytes =
      statistics.capacityBytes / 1000 * test.usedThousandths / client.frameBytes * client.frameBytes
    let buffer = try client.allocate(bytes: lengthBytes)
    var control = try ControlClient(path: daemon.controlPath)
    let blockBytes = Int(try control.status().blockBytes)
    let floor = try CopyFloor(lengthBytes: blockBytes)
    // The first time the kernel has to find memory for the store; that is no steady state.
    for repetition in 0...bench.repetitions {
      let mark = UInt8(truncatingIfNeeded: repetition + 1)
      for offset in stride(from: 0, to: lengthBytes, by: PageSize.bytes) {
        buffer.bytes[offset] = mark
      }
      let milliseconds = try offlineMilliseconds(&control)
      let copySeconds = try bench.withThread(at: placement.server) {
        Stopwatch.seconds { floor.copy() }
      }
      try check(buffer, mark)
      _ = try control.onlineBlocks(BlocksOrder(blocks: [0]))
      _ = try buffer.migrate(to: .device)
      guard repetition > 0 else { continue }
      ours.add(milliseconds)
      copies.add(copySeconds * 1000)
    }
  }

  /// Takes the first block offline, which is the first to be filled.
  private static func offlineMilliseconds(_ control: inout ControlClient) throws -> Double {
    let start = Clock.monotonicNanoseconds()
    _ = try control.offlineBlocks(OfflineOrder(blocks: [0]))
    while true {
      let state = try control.blocks().first?.state
      let now = Clock.monotonicNanoseconds()
      if state == .offline { return Double(now - start) / 1e6 }
      guard state == .goingOffline, now - start < patienceNanoseconds else {
        throw BenchFailure("a memory block does not go offline: it is \(state?.rawValue ?? "gone")")
      }
    }
  }

  private static func check(_ buffer: Buffer, _ mark: UInt8) throws {
    for offset in stride(from: 0, to: buffer.count, by: PageSize.bytes)
    where buffer.bytes[offset] != mark {
      throw BenchFailure("the byte at \(offset) was lost when its block went offline")
    }
  }
}

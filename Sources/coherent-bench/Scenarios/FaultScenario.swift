// `fault`: how long a load or store waits that finds its frame not there: never touched, or evicted.
// Frames are touched in random order, so that nothing that reads ahead can help. The floor is a bare
// handler that does the same fill.

import Coherent
import CoherentSystem

enum FaultScenario: Scenario {
  static let name = "fault"
  static let summary = "An access to a frame that is not there, against a bare fault handler."

  private static let target = Target.ratioAtMost(1.5)

  static func measure(_ bench: Bench) throws {
    let plan = DaemonPlan(deviceBytes: bench.deviceBytes(otherwise: 256 << 20))
    for placement in bench.placements {
      try bench.withDaemon(plan, at: placement) { daemon in
        try measure(bench, placement, daemon)
      }
    }
  }

  private static func measure(_ bench: Bench, _ placement: Placement, _ daemon: Daemon) throws {
    let client = try Client(socketPath: daemon.socketPath)
    // Half of the device: no watermark is reached.
    let lengthBytes = try client.statistics().capacityBytes / 2
    let frameBytes = client.frameBytes
    var evictor = try OwnEvictor(daemon)
    let floor = try FaultFloor(
      lengthBytes: lengthBytes, frameBytes: frameBytes, processors: placement.server)
    var first = (ours: Sample(), bare: Sample())
    var again = (ours: Sample(), bare: Sample())
    var random = SeededGenerator(seed: 1)
    for repetition in 0..<bench.repetitions {
      let order = (0..<lengthBytes / frameBytes).map { $0 * frameBytes }.shuffled(using: &random)
      let mark = UInt8(truncatingIfNeeded: repetition + 1)
      let buffer = try client.allocate(bytes: lengthBytes)
      first.ours.add(write(buffer.bytes, order, mark))
      try evictor.evictAll(frames: order.count)
      again.ours.add(try read(buffer.bytes, order, mark))
      try buffer.free()

      first.bare.add(write(floor.bytes, order, mark))
      try floor.evict()
      again.bare.add(try read(floor.bytes, order, mark))
      try floor.forget()
    }
    bench.report(
      Finding(
        name, "\(placement.label): first touch", first.ours, unit: "us", floor: first.bare,
        target: target))
    bench.report(
      Finding(
        name, "\(placement.label): evicted", again.ours, unit: "us", floor: again.bare,
        target: target))
    try floor.end()
    client.close()
  }

  /// Touches every frame with one store; the median in microseconds.
  private static func write(
    _ bytes: UnsafeMutableRawBufferPointer, _ order: [Int], _ mark: UInt8
  ) -> Double {
    var latencies = Latencies(capacity: order.count)
    for offset in order {
      let start = Clock.monotonicNanoseconds()
      bytes[offset] = mark
      latencies.add(from: start, to: Clock.monotonicNanoseconds())
    }
    return latencies.medianMicroseconds
  }

  /// Touches every frame with one load, which must find what was stored.
  private static func read(
    _ bytes: UnsafeMutableRawBufferPointer, _ order: [Int], _ mark: UInt8
  ) throws -> Double {
    var latencies = Latencies(capacity: order.count)
    var wrong = 0
    for offset in order {
      let start = Clock.monotonicNanoseconds()
      if bytes[offset] != mark { wrong += 1 }
      latencies.add(from: start, to: Clock.monotonicNanoseconds())
    }
    guard wrong == 0 else { throw BenchFailure("\(wrong) frames lost what was written to them") }
    return latencies.medianMicroseconds
  }
}

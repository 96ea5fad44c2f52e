// `pin`: what it costs to pin a buffer that is resident and to end that, by one thread and by
// several, alone and while another client fills the device again and again. The floor is two
// compare-and-swaps on a shared word, by as many threads on the same processors, in turns with the
// pins. Beside them: the same by request, the sweep by which the daemon sees such pins, and how
// long somebody waits for a holder who never unpins.

import Coherent
import CoherentSystem

enum PinScenario: Scenario {
  static let name = "pin"
  static let summary = "Pin and unpin without a message, against two compare-and-swaps."

  private static let target = Target.bothAtMost(ratio: 1.5, value: 100)
  private static let lease = Duration.milliseconds(50)
  private static let requests = 2000
  /// Longer than the scheduler keeps a thread waiting.
  private static let requestedLease = Duration.seconds(2)

  /// Whose word is whose: a cache line holds eight.
  private enum Sharing: String, CaseIterable {
    case own = "own buffers"
    case neighbours = "neighbouring buffers"
    case one = "one buffer"

    var stride: Int {
      switch self {
      case .own: 8
      case .neighbours: 1
      case .one: 0
      }
    }
  }

  static func measure(_ bench: Bench) throws {
    let plan = DaemonPlan(deviceBytes: bench.deviceBytes(otherwise: 64 << 20))
    let placement = bench.quietPlacement
    try bench.withDaemon(plan, at: placement) { daemon in
      let client = try Client(socketPath: daemon.socketPath)
      let threads = max(2, min(bench.processors.count, 16))
      let buffers = try (0..<threads * Sharing.own.stride).map { _ in
        let buffer = try client.allocate(bytes: client.frameBytes)
        buffer.bytes[0] = 1
        return buffer
      }
      try measureOne(bench, placement, buffers)
      for sharing in Sharing.allCases {
        try report(
          bench, "\(threads) threads, \(sharing.rawValue)",
          PinThreads(count: threads, processors: bench.processors), buffers, sharing, form: .scoped)
      }
      try byRequest(bench, buffers[0])
      try underEvictions(bench, placement, daemon, buffers)
      client.close()
    }
    try bench.withThread(at: placement.client) { try SweepSubject.report(bench) }
    try bench.withDaemon(plan, at: placement) { daemon in
      try StubbornHolder.report(bench, daemon)
    }
  }

  private enum Form: String {
    case scoped = "withPin"
    case released = "pin + release"
  }

  private static func measureOne(
    _ bench: Bench, _ placement: Placement, _ buffers: [Buffer]
  ) throws {
    let one = PinThreads(count: 1, processors: placement.client ?? bench.processors)
    for form in [Form.scoped, .released] {
      try report(bench, "1 thread, \(form.rawValue)", one, buffers, .own, form: form)
    }
  }

  private static func report(
    _ bench: Bench, _ label: String, _ threads: PinThreads, _ buffers: [Buffer],
    _ sharing: Sharing, form: Form
  ) throws {
    let lease = Self.lease
    let stride = sharing.stride
    let floor = try SwapFloor(strideWords: stride)
    var ours = (median: Sample(), percentile99: Sample())
    var bare = Sample()
    for _ in 0..<bench.repetitions {
      let times = try threads.run { number in
        switch form {
        case .scoped: PinBatch.scoped(buffers[number * stride], lease)
        case .released: PinBatch.released(buffers[number * stride], lease)
        }
      }
      ours.median.add(times.median)
      ours.percentile99.add(times.percentile99)
      let bareTimes = try threads.run { number in
        floor.batch(number)
        return 0
      }
      bare.add(bareTimes.median)
    }
    bench.report(
      Finding(
        name, label, ours.median, unit: "ns", floor: bare, target: target,
        percentile99: ours.percentile99))
  }

  /// A part of a buffer is never lent out, so pinning it is always a request.
  private static func byRequest(_ bench: Bench, _ buffer: Buffer) throws {
    var median = Sample()
    var percentile99 = Sample()
    let range = 0..<PageSize.bytes
    for _ in 0..<bench.repetitions {
      var latencies = Latencies(capacity: requests)
      for _ in 0..<requests {
        let start = Clock.monotonicNanoseconds()
        let pin = try buffer.pin(range: range, lease: requestedLease)
        try pin.release()
        latencies.add(from: start, to: Clock.monotonicNanoseconds())
      }
      median.add(Double(latencies.percentileNanoseconds(50)))
      percentile99.add(Double(latencies.percentileNanoseconds(99)))
    }
    bench.report(
      Finding(
        name, "1 thread, by request", median, unit: "ns", percentile99: percentile99))
  }

  private static func underEvictions(
    _ bench: Bench, _ placement: Placement, _ daemon: Daemon, _ buffers: [Buffer]
  ) throws {
    let before = try daemon.status()
    let crowd = try Worker(
      "crowd", ["--socket", daemon.socketPath, "--length", "\(before.onlineBytes * 3 / 2)"],
      processors: placement.server)
    try crowd.channel.await("full", from: "the client that fills the device")
    let one = PinThreads(count: 1, processors: placement.client ?? bench.processors)
    try report(bench, "1 thread, under evictions", one, buffers, .own, form: .scoped)
    let evictions = try daemon.status().evictedFrames - before.evictedFrames
    try crowd.end()
    guard evictions > 0 else { throw BenchFailure("nothing was evicted: there was no pressure") }
  }
}

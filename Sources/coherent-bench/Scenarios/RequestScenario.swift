// `request`: what a round trip to the daemon costs, of each kind of small request, against a bare
// packet there and back. The two sides take turns with the same kinds in the same order.

import Coherent
import CoherentSystem
import CoherentWire

enum RequestScenario: Scenario {
  static let name = "request"
  static let summary = "A request to the daemon, against a bare packet there and back."

  private static let target = Target.ratioAtMost(1.5)
  /// Each side is measured for so long per repetition.
  private static let spanNanoseconds: UInt64 = 300_000_000
  private static let maximumRounds = 10_000

  static func measure(_ bench: Bench) throws {
    let plan = DaemonPlan(deviceBytes: bench.deviceBytes(otherwise: 64 << 20))
    for placement in bench.placements {
      try bench.withDaemon(plan, at: placement) { daemon in
        let client = try Client(socketPath: daemon.socketPath)
        let floor = try EchoFloor(processors: placement.server)
        var ours = MeasuredRequest.samples
        var bare = MeasuredRequest.samples
        for _ in 0..<bench.repetitions {
          try add(to: &ours) { rounds in try ask(client, &rounds) }
          try add(to: &bare) { rounds in try echo(floor, &rounds) }
        }
        for request in MeasuredRequest.allCases {
          bench.report(
            Finding(
              name, "\(placement.label): \(request)", ours[request.rawValue], unit: "us",
              floor: bare[request.rawValue], target: target))
        }
        try floor.end()
        client.close()
      }
    }
  }

  /// One repetition: the median of each kind of request.
  private static func add(
    to samples: inout [Sample], _ body: (inout [Latencies]) throws -> Void
  ) throws {
    var latencies = MeasuredRequest.latencies(capacity: maximumRounds)
    try body(&latencies)
    for index in samples.indices { samples[index].add(latencies[index].medianMicroseconds) }
  }

  private static func ask(_ client: Client, _ latencies: inout [Latencies]) throws {
    let size = client.frameBytes
    let resident = try client.allocate(bytes: size)
    resident.bytes[0] = 1
    try rounds {
      let start = Clock.monotonicNanoseconds()
      let buffer = try client.allocate(bytes: size)
      let allocated = Clock.monotonicNanoseconds()
      try buffer.free()
      let freed = Clock.monotonicNanoseconds()
      _ = try resident.query()
      let queried = Clock.monotonicNanoseconds()
      let pin = try resident.pin(lease: .seconds(1))
      let pinned = Clock.monotonicNanoseconds()
      try pin.release()
      let unpinned = Clock.monotonicNanoseconds()
      latencies[MeasuredRequest.allocate.rawValue].add(from: start, to: allocated)
      latencies[MeasuredRequest.free.rawValue].add(from: allocated, to: freed)
      latencies[MeasuredRequest.query.rawValue].add(from: freed, to: queried)
      latencies[MeasuredRequest.pin.rawValue].add(from: queried, to: pinned)
      latencies[MeasuredRequest.unpin.rawValue].add(from: pinned, to: unpinned)
    }
    try resident.free()
  }

  private static func echo(_ floor: EchoFloor, _ latencies: inout [Latencies]) throws {
    try rounds {
      for request in MeasuredRequest.allCases {
        let start = Clock.monotonicNanoseconds()
        try floor.exchange(requestBytes: request.requestBytes, replyBytes: request.replyBytes)
        latencies[request.rawValue].add(from: start, to: Clock.monotonicNanoseconds())
      }
    }
  }

  private static func rounds(_ body: () throws -> Void) throws {
    let end = Clock.monotonicNanoseconds() + spanNanoseconds
    for _ in 0..<maximumRounds {
      try body()
      if Clock.monotonicNanoseconds() > end { return }
    }
  }
}

/// The kinds of request that are measured, in the order of a round.
private enum MeasuredRequest: Int, CaseIterable {
  case allocate, free, query, pin, unpin

  var kind: MessageKind {
    switch self {
    case .allocate: .allocate
    case .free: .free
    case .query: .query
    case .pin: .pin
    case .unpin: .unpin
    }
  }

  var requestBytes: Int { kind.requestBytes }

  /// The query's answer has one run.
  var replyBytes: Int { kind.replyBytes + (self == .query ? MessageKind.runBytes : 0) }

  static var samples: [Sample] { allCases.map { _ in Sample() } }

  static func latencies(capacity: Int) -> [Latencies] {
    allCases.map { _ in Latencies(capacity: capacity) }
  }
}

// Threads that run one batch after the other for a while, all of them at the same time, each on a
// processor of its own as far as there are any. What a batch took, divided by its length, is one
// value; of all values of all threads the two percentiles are taken.

import CoherentSystem
import Synchronization

struct PinThreads {
  let count: Int
  let processors: [Int]

  /// Nanoseconds for one pin and its end.
  struct Times {
    let median: Double
    let percentile99: Double
  }

  private static let spanNanoseconds: UInt64 = 60_000_000
  private static let maximumBatches = 100_000

  /// `batch` is called with the thread's number, and says how much went wrong.
  func run(_ batch: @escaping @Sendable (Int) -> Int) throws -> Times {
    let meeting = Meeting(count: count)
    var threads: [Thread] = []
    defer { for thread in threads { thread.join() } }
    for number in 0..<count {
      let processor = processors[number % processors.count]
      threads.append(
        try Thread.start(name: "pins") {
          try? Thread.setAffinity(processors: [processor])
          meeting.add(Self.measure(number, meeting, batch))
        })
    }
    for thread in threads { thread.join() }
    threads = []
    return try meeting.times()
  }

  private static func measure(
    _ number: Int, _ meeting: Meeting, _ batch: (Int) -> Int
  ) -> (Latencies, failures: Int) {
    var latencies = Latencies(capacity: maximumBatches)
    var failures = batch(number)
    meeting.enter()
    var start = Clock.monotonicNanoseconds()
    let end = start + spanNanoseconds
    while start < end, latencies.count < maximumBatches {
      failures += batch(number)
      let now = Clock.monotonicNanoseconds()
      latencies.add(from: start, to: now)
      start = now
    }
    return (latencies, failures)
  }
}

/// Where the threads wait for each other, and leave what they found.
private final class Meeting: Sendable {
  private let missing: Atomic<Int>
  private let rareFailure = 1000
  private let found = Mutex<(latencies: Latencies, failures: Int)>((Latencies(capacity: 0), 0))

  init(count: Int) { missing = Atomic(count) }

  /// Returns when all have entered.
  func enter() {
    missing.subtract(1, ordering: .relaxed)
    while missing.load(ordering: .relaxed) > 0 { Thread.yield() }
  }

  func add(_ own: (Latencies, failures: Int)) {
    found.withLock {
      $0.latencies.add(own.0)
      $0.failures += own.failures
    }
  }

  func times() throws -> PinThreads.Times {
    try found.withLock { found in
      // A thread that is preempted for longer than a lease loses its pin, and rightly so.
      guard found.failures <= found.latencies.count / rareFailure else {
        throw BenchFailure(
          "\(found.failures) pins failed or ran out, in \(found.latencies.count) batches")
      }
      func each(_ hundredths: Int) -> Double {
        Double(found.latencies.percentileNanoseconds(hundredths)) / Double(PinBatch.pairs)
      }
      return PinThreads.Times(median: each(50), percentile99: each(99))
    }
  }
}

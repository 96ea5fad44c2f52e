// `access`: loads and stores of resident memory, against the same loop over an ordinary shared
// mapping of the same size and alignment. There is nothing between a program and memory that is
// resident, so the two must not differ.

import Coherent
import CoherentSystem

enum AccessScenario: Scenario {
  static let name = "access"
  static let summary = "Loads and stores of resident memory, against an ordinary shared mapping."

  /// 3 % is what the same loop differs by from one mapping to another.
  private static let target = Target.ratioAtMost(1.0, noise: 0.03)
  private static let alignmentBytes = 2 << 20

  static func measure(_ bench: Bench) throws {
    let plan = DaemonPlan(deviceBytes: bench.deviceBytes(otherwise: 256 << 20))
    try bench.withDaemon(plan, at: bench.quietPlacement) { daemon in
      let client = try Client(socketPath: daemon.socketPath)
      let lengthBytes = try client.statistics().capacityBytes / 4
      let buffer = try client.allocate(bytes: lengthBytes, alignment: alignmentBytes)
      let file = try MemoryFile(name: "coherent-bench-floor", sizeBytes: UInt64(lengthBytes))
      let mapping = try Mapping(
        file: file, lengthBytes: lengthBytes, alignmentBytes: alignmentBytes)
      let pairs = (ours: words(buffer.bytes), bare: words(mapping.bytes))
      // Both are resident and mapped from here on.
      _ = (sequential(pairs.ours), sequential(pairs.bare))
      try report(bench, "sequential", pairs, sequential)
      try report(bench, "random", pairs, random)
      client.close()
    }
  }

  private typealias Words = UnsafeMutableBufferPointer<UInt64>

  private static func words(_ bytes: UnsafeMutableRawBufferPointer) -> Words {
    // SAFETY: nobody uses these bytes as anything but words.
    bytes.bindMemory(to: UInt64.self)
  }

  private static func report(
    _ bench: Bench, _ label: String, _ pairs: (ours: Words, bare: Words),
    _ loop: (Words) -> UInt64
  ) throws {
    var ours = Sample()
    var bare = Sample()
    for repetition in 0..<bench.repetitions {
      // The one that comes first finds other caches than the second: they take turns.
      if repetition % 2 == 0 { ours.add(nanosecondsPerWord(pairs.ours, loop)) }
      bare.add(nanosecondsPerWord(pairs.bare, loop))
      if repetition % 2 == 1 { ours.add(nanosecondsPerWord(pairs.ours, loop)) }
    }
    guard sequential(pairs.ours) == sequential(pairs.bare) else {
      throw BenchFailure("the same loop left other words in the two memories")
    }
    bench.report(Finding(name, label, ours, unit: "ns", floor: bare, target: target))
  }

  private static func nanosecondsPerWord(_ words: Words, _ loop: (Words) -> UInt64) -> Double {
    var sum: UInt64 = 0
    let seconds = Stopwatch.seconds { sum = loop(words) }
    withExtendedLifetime(sum) {}
    return seconds * 1e9 / Double(words.count)
  }

  /// Reads and writes every word once, upwards; their sum.
  @inline(never)
  private static func sequential(_ words: Words) -> UInt64 {
    var sum: UInt64 = 0
    for index in words.indices {
      sum &+= words[index]
      words[index] &+= UInt64(index)
    }
    return sum
  }

  /// As many reads and writes as there are words, each of a random one.
  @inline(never)
  private static func random(_ words: Words) -> UInt64 {
    var generator = SeededGenerator(seed: 2)
    let count = UInt64(words.count)
    var sum: UInt64 = 0
    for _ in 0..<words.count {
      let index = Int(generator.next().multipliedFullWidth(by: count).high)
      sum &+= words[index]
      words[index] &+= 1
    }
    return sum
  }
}

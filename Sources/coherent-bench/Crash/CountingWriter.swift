// A thread's words: it counts them up, and remembers in memory of its own what it wrote last. A
// word that holds anything else has lost updates.

import Coherent
import CoherentSystem

final class CountingWriter: @unchecked Sendable {
  // SAFETY: its thread uses it while the gate is open, the main thread while it is closed; the gate
  // orders the two.
  private let buffers: [Buffer]
  private var written: [UInt64]
  private var random: SeededGenerator
  private var lost = 0
  private(set) var updates = 0
  private var longestNanoseconds: UInt64 = 0

  /// Words in a row that one step counts up.
  private static let run = 16
  private let wordsEach: Int

  init(_ buffers: [Buffer], seed: UInt64) {
    self.buffers = buffers
    wordsEach = buffers[0].count / 8
    written = [UInt64](repeating: 0, count: buffers.count * wordsEach)
    random = SeededGenerator(seed: seed)
  }

  var longestPauseMilliseconds: Double { Double(longestNanoseconds) / 1e6 }

  func step() {
    let buffer = Int.random(in: 0..<buffers.count, using: &random)
    let first = Int.random(in: 0..<wordsEach / Self.run, using: &random) * Self.run
    let bytes = buffers[buffer].bytes
    let start = Clock.monotonicNanoseconds()
    for word in first..<first + Self.run {
      let index = buffer * wordsEach + word
      let found = bytes.load(fromByteOffset: word * 8, as: UInt64.self)
      if found != written[index] { lost += Self.distance(found, written[index]) }
      written[index] = found &+ 1
      bytes.storeBytes(of: found &+ 1, toByteOffset: word * 8, as: UInt64.self)
    }
    longestNanoseconds = max(longestNanoseconds, Clock.monotonicNanoseconds() - start)
    updates += Self.run
  }

  /// Compares all words; what was lost since the beginning.
  func lostUpdates() -> Int {
    for (number, buffer) in buffers.enumerated() {
      for word in 0..<wordsEach {
        let index = number * wordsEach + word
        let found = buffer.bytes.load(fromByteOffset: word * 8, as: UInt64.self)
        if found != written[index] { lost += Self.distance(found, written[index]) }
        written[index] = found
      }
    }
    return lost
  }

  /// By how many updates two values differ; a word that holds something else altogether counts as
  /// one.
  private static func distance(_ found: UInt64, _ expected: UInt64) -> Int {
    found < expected ? Int(clamping: expected - found) : 1
  }
}

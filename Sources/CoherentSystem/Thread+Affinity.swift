// Which processors a thread may run on. For benchmarks, which compare on the same ones, and for
// tests that want two threads to meet.

import CLinux
import Glibc

extension Thread {
  /// The processors that the calling thread may run on: sched_getaffinity(2).
  package static func affinity() throws(SystemError) -> [Int] {
    var words = [UInt64](repeating: 0, count: ProcessorMask.words)
    try checked("sched_getaffinity") { clinux_get_affinity(0, &words, words.count) }
    return ProcessorMask.processors(words)
  }

  /// Restricts a thread, or the calling one with 0: sched_setaffinity(2). Threads and programs that
  /// it starts inherit the restriction.
  package static func setAffinity(
    processors: [Int], thread: Int32 = 0
  ) throws(SystemError) {
    let words = ProcessorMask.words(processors)
    try checked("sched_setaffinity", "to processors \(processors)") {
      clinux_set_affinity(thread, words, words.count)
    }
  }
}

/// The kernel's picture of a set of processors: one bit each.
enum ProcessorMask {
  /// 1024 processors, as glibc's cpu_set_t.
  static let words = 16

  static func words(_ processors: [Int]) -> [UInt64] {
    var result = [UInt64](repeating: 0, count: words)
    for processor in processors {
      invariant((0..<words * 64).contains(processor), "processor \(processor) can exist")
      result[processor / 64] |= 1 << (processor % 64)
    }
    return result
  }

  static func processors(_ mask: [UInt64]) -> [Int] {
    (0..<mask.count * 64).filter { mask[$0 / 64] >> ($0 % 64) & 1 == 1 }
  }
}

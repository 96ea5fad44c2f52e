// How long something took.

import CoherentSystem

enum Stopwatch {
  static func seconds<Failure: Error>(
    _ body: () throws(Failure) -> Void
  ) throws(Failure) -> Double {
    let start = Clock.monotonicNanoseconds()
    try body()
    return Double(Clock.monotonicNanoseconds() - start) / 1e9
  }

  static func mebibytesPerSecond(_ bytes: Int, _ seconds: Double) -> Double {
    Double(bytes) / Double(1 << 20) / seconds
  }
}

// The daemon's log: one line an event, with a priority that the journal understands. The library
// and the core never log; whoever performs an effect says once what an administrator should know.
// A client cannot flood it: lines about clients are limited for each kind.

import CoherentSystem
import Synchronization

package final class Log: Sendable {
  private let level: LogLevel
  /// stderr is the journal: lines begin with their priority instead of a word.
  private let isJournal: Bool
  private let limiter = Mutex<[String: Allowance]>([:])

  private struct Allowance {
    var windowStart: UInt64 = 0
    var written = 0
    var dropped = 0
  }

  private static let windowNanoseconds: UInt64 = 10_000_000_000
  private static let linesPerWindow = 20
  private static let maximumKinds = 64

  package init(level: LogLevel) {
    self.level = level
    isJournal = Environment.get("JOURNAL_STREAM") != nil
  }

  package func error(_ text: String) { write(.error, text) }
  package func warning(_ text: String) { write(.warning, text) }
  package func notice(_ text: String) { write(.notice, text) }
  package func info(_ text: String) { write(.info, text) }
  package func debug(_ text: @autoclosure () -> String) {
    if level >= .debug { write(.debug, text()) }
  }

  /// A line about what a client did; at most so many of a kind in a while, the rest is counted.
  package func aboutClient(_ kind: String, _ level: LogLevel, _ text: String) {
    let now = Clock.monotonicNanoseconds()
    let verdict: (writes: Bool, dropped: Int) = limiter.withLock { kinds in
      guard kinds[kind] != nil || kinds.count < Self.maximumKinds else { return (false, 0) }
      var allowance = kinds[kind] ?? Allowance()
      var dropped = 0
      if now - allowance.windowStart > Self.windowNanoseconds {
        dropped = allowance.dropped
        allowance = Allowance(windowStart: now)
      }
      allowance.written += 1
      let writes = allowance.written <= Self.linesPerWindow
      if !writes { allowance.dropped += 1 }
      kinds[kind] = allowance
      return (writes, dropped)
    }
    if verdict.dropped > 0 { write(.warning, "\(verdict.dropped) more lines like this: \(kind)") }
    if verdict.writes { write(level, text) }
  }

  private func write(_ level: LogLevel, _ text: String) {
    guard level <= self.level else { return }
    StandardError.write(
      isJournal ? "<\(level.priority)>\(text)\n" : "coherentd: \(level.rawValue): \(text)\n")
  }
}

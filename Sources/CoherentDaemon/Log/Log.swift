// The daemon's log. The library and the core never log; whoever performs an effect says once what
// an administrator should know. What an administrator acts on is an event of a kind; the rest are
// sentences. A client cannot flood it: what is about clients is limited for each kind and client.
// What may never happen: that whoever logs waits for whoever reads the log.

import CoherentSystem
import Synchronization

package final class Log: Sendable {
  private let sink: any LogSink
  private let threshold: Atomic<Int32>
  private let limiter = Mutex(EventLimiter())

  /// To the journal or to standard error, by a thread of its own.
  package convenience init(level: LogLevel) throws(SystemError) {
    self.init(level: level, sink: try LogQueue(to: JournalSink.orText()))
  }

  package init(level: LogLevel, sink: any LogSink) {
    self.sink = sink
    threshold = Atomic(level.priority)
  }

  /// Leaves out what is less important from now on. For any thread.
  package func setLevel(_ level: LogLevel) { threshold.store(level.priority, ordering: .relaxed) }

  package func isLogged(_ level: LogLevel) -> Bool {
    level.priority <= threshold.load(ordering: .relaxed)
  }

  // MARK: sentences

  package func error(_ text: String) { write(LogRecord(.error, text)) }
  package func warning(_ text: String) { write(LogRecord(.warning, text)) }
  package func notice(_ text: String) { write(LogRecord(.notice, text)) }
  package func info(_ text: String) { write(LogRecord(.info, text)) }
  package func debug(_ text: @autoclosure () -> String) {
    if isLogged(.debug) { write(LogRecord(.debug, text())) }
  }

  /// A line about what a client did; at most so many of a kind in a while, the rest is counted.
  package func aboutClient(_ kind: String, _ level: LogLevel, _ text: @autoclosure () -> String) {
    limited(EventLimiter.Key(kind: kind, client: 0), level, burst: Self.sentenceBurst) {
      LogRecord(level, text())
    }
  }

  private static let sentenceBurst = 20

  // MARK: events

  /// Something that no client can cause over and over.
  package func event(_ event: LogEvent) { write(LogRecord(event)) }

  /// Something that can happen often, by or to one client (0 for nobody in particular). The event
  /// is made only if it is written. Nil from `make` writes nothing after all.
  package func event(
    _ kind: EventKind, client process: Int32, of user: UInt32? = nil, _ make: () -> LogEvent
  ) {
    let key = EventLimiter.Key(kind: kind.rawValue, client: process, user: user)
    limited(key, kind.level, burst: kind.burst) { LogRecord(make()) }
  }

  // MARK: limits

  /// Lines were left out, and not counted in the log yet: `sayWhatIsMissing` wants to be called.
  package var owesLines: Bool { limiter.withLock { $0.hasSuppressed } }

  /// Says what was left out in the windows that are over, or, in the end, in all.
  package func sayWhatIsMissing(atEnd: Bool = false) {
    let now = Clock.monotonicNanoseconds()
    for summary in limiter.withLock({ $0.takeSummaries(now: now, ofAll: atEnd) }) {
      var record = summary.record
      record.text = "\(summary.count) more like this in the last 10 s: \(record.text)"
      record.fields.append(LogRecord.Field("COHERENT_SUPPRESSED", String(summary.count)))
      write(record)
    }
  }

  /// How many lines nobody has taken.
  package var droppedLines: UInt64 { sink.droppedLines }

  /// So long the end waits for what was logged.
  private static let endNanoseconds: UInt64 = 1_000_000_000

  /// The end: what is still to be said is said, and written if somebody takes it in time.
  package func end() {
    sayWhatIsMissing(atEnd: true)
    sink.flush(untilNanoseconds: Clock.monotonicNanoseconds() + Self.endNanoseconds)
  }

  private func limited(
    _ wanted: EventLimiter.Key, _ level: LogLevel, burst: Int, _ make: () -> LogRecord
  ) {
    guard isLogged(level) else { return }
    sayWhatIsMissing()
    let now = Clock.monotonicNanoseconds()
    guard let key = limiter.withLock({ $0.admit(wanted, burst: burst, now: now) }) else { return }
    let record = make()
    limiter.withLock { $0.wrote(record, for: key) }
    write(record)
  }

  private func write(_ record: LogRecord) {
    if isLogged(record.level) { _ = sink.write(record) }
  }
}

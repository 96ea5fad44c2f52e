// Where the log goes: to the journal with its fields, or as text to standard error.

import CoherentSystem

package protocol LogSink: Sendable {
  /// False where nobody takes it.
  func write(_ record: LogRecord) -> Bool
  /// Waits until all that was written has arrived, but not beyond the deadline.
  @discardableResult
  func flush(untilNanoseconds deadline: UInt64) -> Bool
  /// How many lines nobody has taken.
  var droppedLines: UInt64 { get }
}

/// A sink that has written when it returns.
extension LogSink {
  package func flush(untilNanoseconds deadline: UInt64) -> Bool { true }
  package var droppedLines: UInt64 { 0 }
}

/// Text. In front of each line stands its level: as a word for people, or as the number that
/// systemd and others take off a line again (sd-daemon(3)).
struct TextSink: LogSink {
  let isNumbered: Bool

  func write(_ record: LogRecord) -> Bool {
    var text = ""
    for line in record.text.split(separator: "\n", omittingEmptySubsequences: false) {
      text +=
        isNumbered
        ? "<\(record.level.priority)>\(line)\n"
        : "coherentd: \(record.level.rawValue): \(line)\n"
    }
    return StandardError.write(text)
  }
}

// Where the log goes: to the journal with its fields, or as text to standard error.

import CoherentSystem

package protocol LogSink: Sendable {
  func write(_ record: LogRecord)
}

/// Text. In front of each line stands its level: as a word for people, or as the number that
/// systemd and others take off a line again (sd-daemon(3)).
struct TextSink: LogSink {
  let isNumbered: Bool

  func write(_ record: LogRecord) {
    for line in record.text.split(separator: "\n", omittingEmptySubsequences: false) {
      StandardError.write(
        isNumbered
          ? "<\(record.level.priority)>\(line)\n"
          : "coherentd: \(record.level.rawValue): \(line)\n")
    }
  }
}

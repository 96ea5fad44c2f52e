// A log that a test can read.

import Synchronization

@testable import CoherentDaemon

final class CollectingSink: LogSink {
  private let collected = Mutex<[LogRecord]>([])

  var records: [LogRecord] { collected.withLock { $0 } }
  var texts: [String] { records.map(\.text) }

  func write(_ record: LogRecord) -> Bool {
    collected.withLock { $0.append(record) }
    return true
  }
}

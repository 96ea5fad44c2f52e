// Between whoever logs and where the log goes. Where nobody takes the log (a full pipe, a journal
// that is stopped, a terminal that was halted), writing waits, maybe for ever; so one thread
// writes, and nobody waits for it. What may never happen: a thread that serves waits here, or
// memory grows with what is logged. What has no room is left out, counted, and said as soon as the
// log goes on.
//
// Law: what was logged is written, waiting, in the writer's hands, or counted as left out.

import CoherentSystem
import CoherentWire

package final class LogQueue: LogSink, @unchecked Sendable {
  // SAFETY: every property that varies is touched under `lock` only.
  private let sink: any LogSink
  private let lock = Lock()
  private let changed: Condition
  private var waiting: [LogRecord] = []
  private var waitingBytes = 0
  private var isWriting = false
  /// Left out since it was last said, and since the start.
  private var unsaid: UInt64 = 0
  private var leftOut: UInt64 = 0

  /// Room for what waits. What an administrator must know has the last eighth for itself.
  package static let maximumRecords = 1024
  package static let maximumBytes = 1 << 20

  /// Its thread is never joined: it may be inside a write that does not end.
  package init(to sink: any LogSink) throws(SystemError) {
    self.sink = sink
    changed = Condition(lock: lock)
    try Thread.start(name: "log") { [self] in writeForEver() }.detach()
  }

  // MARK: who logs

  /// Enters a record, or counts it as left out. Never waits. For any thread.
  package func write(_ record: LogRecord) -> Bool {
    let bytes = record.sizeBytes
    let isUrgent = record.level.priority <= LogLevel.warning.priority
    let share = isUrgent ? 8 : 7
    return lock.withLock {
      let hasRoom =
        waiting.count < Self.maximumRecords * share / 8
        && waitingBytes + bytes <= Self.maximumBytes * share / 8
      if hasRoom {
        waiting.append(record)
        waitingBytes += bytes
      } else {
        unsaid += 1
        leftOut += 1
      }
      changed.broadcast()
      return hasRoom
    }
  }

  /// How many lines nobody has taken, since the start.
  package var droppedLines: UInt64 { lock.withLock { leftOut } }

  /// Waits until all that was entered is written, but not beyond the deadline; false then.
  @discardableResult
  package func flush(untilNanoseconds deadline: UInt64) -> Bool {
    lock.withLock {
      while isWriting || !waiting.isEmpty {
        guard changed.wait(untilNanoseconds: deadline) else { return false }
      }
      return true
    }
  }

  // MARK: the thread

  private func writeForEver() {
    while true {
      let records = takeAll()
      var failed: UInt64 = 0
      for record in records where !sink.write(record) { failed += 1 }
      sayWhatIsMissing(failed)
    }
  }

  private func takeAll() -> [LogRecord] {
    lock.withLock {
      isWriting = false
      if waiting.isEmpty { changed.broadcast() }
      while waiting.isEmpty { changed.wait() }
      defer { waiting.removeAll(keepingCapacity: true) }
      waitingBytes = 0
      isWriting = true
      return waiting
    }
  }

  /// What was left out came after all that was written until now. Where the line about it cannot be
  /// written either, it is said after the next one that can.
  private func sayWhatIsMissing(_ failed: UInt64) {
    let missing = lock.withLock {
      unsaid += failed
      leftOut += failed
      defer { unsaid = 0 }
      return unsaid
    }
    guard missing > 0 else { return }
    if !sink.write(Self.record(ofMissing: missing)) { lock.withLock { unsaid += missing } }
  }

  static func record(ofMissing count: UInt64) -> LogRecord {
    var record = LogRecord(
      .warning,
      "\(PluralText.count(count, "line")) of the log left out here: nobody took them in time")
    record.fields = [LogRecord.Field("COHERENT_DROPPED", String(count))]
    return record
  }
}

extension LogRecord {
  /// About what it takes of memory while it waits.
  fileprivate var sizeBytes: Int {
    fields.reduce(64 + text.utf8.count) { $0 + 32 + $1.name.utf8.count + $1.value.utf8.count }
  }
}

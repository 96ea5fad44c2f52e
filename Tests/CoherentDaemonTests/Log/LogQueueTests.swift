// The queue of the log, in front of a sink that takes nothing for a while, or never anything.

import CoherentSystem
import Testing

@testable import CoherentDaemon

/// A sink whose writes wait until it is opened.
private final class StuckSink: LogSink, @unchecked Sendable {
  // SAFETY: everything below `lock` is touched under it only.
  private let lock = Lock()
  private let changed: Condition
  private var isOpen = false
  private var isReached = false
  private var texts: [String] = []

  init() { changed = Condition(lock: lock) }

  func write(_ record: LogRecord) -> Bool {
    lock.withLock {
      isReached = true
      changed.broadcast()
      while !isOpen { changed.wait() }
      texts.append(record.text)
      return true
    }
  }

  func open() {
    lock.withLock {
      isOpen = true
      changed.broadcast()
    }
  }

  /// Waits until somebody is inside a write.
  func waitUntilReached() {
    lock.withLock { while !isReached { changed.wait() } }
  }

  var written: [String] { lock.withLock { texts } }
}

@Suite struct LogQueueTests {
  private static let longNanoseconds: UInt64 = 60_000_000_000

  private func flush(_ queue: LogQueue, nanoseconds: UInt64 = longNanoseconds) -> Bool {
    queue.flush(untilNanoseconds: Clock.monotonicNanoseconds() + nanoseconds)
  }

  @Test func whatIsLoggedIsWrittenInItsOrder() throws {
    let sink = CollectingSink()
    let queue = try LogQueue(to: sink)
    for number in 0..<100 { #expect(queue.write(LogRecord(.info, "\(number)"))) }
    #expect(flush(queue))
    #expect(sink.texts == (0..<100).map(String.init) && queue.droppedLines == 0)
  }

  @Test func nobodyWaitsForASinkThatTakesNothingAndEveryLineIsWrittenOrCounted() throws {
    let sink = StuckSink()
    let queue = try LogQueue(to: sink)
    #expect(queue.write(LogRecord(.info, "first")))
    sink.waitUntilReached()
    let count = 3 * LogQueue.maximumRecords
    let taken = (0..<count).count { queue.write(LogRecord(.info, "\($0)")) }
    #expect(taken == LogQueue.maximumRecords * 7 / 8)
    let urgent = (0..<count).count { queue.write(LogRecord(.error, "urgent \($0)")) }
    #expect(urgent == LogQueue.maximumRecords / 8, "what must be known has room of its own")
    let dropped = UInt64(2 * count - taken - urgent)
    #expect(queue.droppedLines == dropped)
    #expect(!flush(queue, nanoseconds: 1_000_000), "its end has a bound")
    sink.open()
    #expect(flush(queue))
    #expect(queue.write(LogRecord(.info, "last")))
    #expect(flush(queue))
    let written = sink.written
    #expect(written.count == taken + urgent + 3)
    #expect(written.first == "first" && written.last == "last")
    #expect(
      written.contains("\(dropped) lines of the log left out here: nobody took them in time"))
    #expect(queue.droppedLines == dropped)
  }

  @Test func longLinesAreBoundedTogether() throws {
    let sink = StuckSink()
    let queue = try LogQueue(to: sink)
    #expect(queue.write(LogRecord(.info, "first")))
    sink.waitUntilReached()
    let text = String(repeating: "x", count: 64 << 10)
    let taken = (0..<100).count { _ in queue.write(LogRecord(.error, text)) }
    #expect(taken > 0 && taken * text.utf8.count <= LogQueue.maximumBytes)
    sink.open()
    #expect(flush(queue))
  }

  @Test func linesThatNobodyTookAreCounted() throws {
    struct ClosedSink: LogSink {
      func write(_ record: LogRecord) -> Bool { false }
    }
    let queue = try LogQueue(to: ClosedSink())
    for number in 1...3 {
      #expect(queue.write(LogRecord(.info, "\(number)")))
      #expect(flush(queue))
      #expect(queue.droppedLines == UInt64(number))
    }
  }
}

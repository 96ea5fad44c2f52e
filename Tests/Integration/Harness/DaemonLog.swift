// What a daemon writes to its standard error, read as it comes by a thread of its own, so that a
// test can wait for a line.

import CoherentSystem
import Glibc

final class DaemonLog: @unchecked Sendable {
  // SAFETY: `text` and `isOver` are touched under `lock` only; `thread` by the owner only.
  private let lock = Lock()
  private let changed: Condition
  private var text = ""
  private var isOver = false
  private var thread: Thread?

  /// Not read yet.
  private var unread: Descriptor?

  init(_ descriptor: consuming Descriptor, isRead: Bool = true) throws {
    changed = Condition(lock: lock)
    unread = consume descriptor
    if isRead { try beginReading() }
  }

  /// Closes it without reading.
  func close() { unread = nil }

  func beginReading() throws {
    guard let descriptor = unread.take() else { return }
    let number = descriptor.release()
    thread = try Thread.start(name: "log") { [unowned self] in
      let descriptor = Descriptor(owning: number)
      var chunk = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = read(descriptor.raw, &chunk, chunk.count)
        if count < 0 && errno == EINTR { continue }
        lock.withLock {
          if count > 0 { text += String(decoding: chunk[..<count], as: UTF8.self) }
          isOver = count <= 0
          changed.broadcast()
        }
        if count <= 0 { return }
      }
    }
  }

  /// All that was written so far.
  var contents: String { lock.withLock { text } }

  /// Waits until a line has all of these parts; the line, nil if it never comes.
  func line(with parts: [String], boundSeconds: UInt64 = 60) -> String? {
    let deadline = Clock.monotonicNanoseconds() + boundSeconds * 1_000_000_000
    return lock.withLock {
      while true {
        for line in text.split(separator: "\n") where parts.allSatisfy({ line.contains($0) }) {
          return String(line)
        }
        if isOver || !changed.wait(untilNanoseconds: deadline) { return nil }
      }
    }
  }

  /// The writer has ended, or is about to: the rest of what it wrote.
  func finish() -> String {
    thread?.join()
    thread = nil
    return contents
  }
}

// Threads, locks and conditions.

import Glibc
import Testing

@testable import CoherentSystem

/// A number under a lock.
private final class GuardedCount: @unchecked Sendable {
  // SAFETY: `value` is used under `lock`.
  let lock = Lock()
  let changed: Condition
  var value = 0

  init() { changed = Condition(lock: lock) }
}

struct ThreadTests {
  @Test func aLockAdmitsOneAtATime() throws {
    let count = GuardedCount()
    let threads = try (0..<4).map { index in
      try Thread.start(name: "count\(index)") {
        for _ in 0..<20_000 { count.lock.withLock { count.value += 1 } }
      }
    }
    for thread in threads { thread.join() }
    #expect(count.value == 80_000)
  }

  @Test func aLockPassesValuesAndTypedErrorsThrough() throws {
    let lock = Lock()
    #expect(lock.withLock { 5 } == 5)
    do throws(SystemError) {
      try lock.withLock { () throws(SystemError) in
        throw SystemError(operation: "test", code: EIO)
      }
    } catch {
      #expect(error.code == EIO)
    }
    // It was given back.
    #expect(lock.withLock { true })
  }

  @Test func aWaiterIsWokenByASignalAndByABroadcast() throws {
    let count = GuardedCount()
    let waiters = try (0..<3).map { index in
      try Thread.start(name: "wait\(index)") {
        count.lock.withLock {
          while count.value == 0 { count.changed.wait() }
          count.value += 1
        }
      }
    }
    count.lock.withLock {
      count.value = 1
      count.changed.broadcast()
    }
    for waiter in waiters { waiter.join() }
    #expect(count.value == 4)
  }

  @Test func waitingForNothingEndsAtTheDeadline() {
    let count = GuardedCount()
    count.lock.lock()
    defer { count.lock.unlock() }
    let deadline = Clock.monotonicNanoseconds() + 2_000_000
    while count.changed.wait(untilNanoseconds: deadline) {}
    #expect(Clock.monotonicNanoseconds() >= deadline)
    #expect(!count.changed.wait(untilNanoseconds: 0))
  }

  @Test func aThreadHasItsNameAndBlocksSignals() throws {
    let name = GuardedText()
    let thread = try Thread.start(name: "a-name-that-is-much-too-long") {
      let bytes = (try? SmallFile.read(path: "/proc/thread-self/comm", maximumBytes: 64)) ?? []
      let status = try? SmallFile.read(path: "/proc/thread-self/status", maximumBytes: 1 << 16)
      name.text = String(decoding: bytes, as: UTF8.self)
      name.blocked = status.flatMap(GuardedText.blockedSignals) ?? 0
    }
    thread.join()
    #expect(name.text == "a-name-that-is-\n")
    for signal in [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD] {
      #expect(name.blocked >> UInt64(signal - 1) & 1 == 1)
    }
    for signal in [SIGSEGV, SIGBUS, SIGABRT] {
      #expect(name.blocked >> UInt64(signal - 1) & 1 == 0)
    }
  }

  @Test func aThreadStaysOnItsProcessor() throws {
    let thread = try Thread.start(name: "pinned") {
      do {
        let all = try Thread.affinity()
        invariant(!all.isEmpty, "a thread runs somewhere")
        try Thread.setAffinity(processors: [all[0]])
        let one = try Thread.affinity()
        invariant(one == [all[0]], "a thread stays where it was put")
      } catch {
        fatalError("\(error)")
      }
    }
    thread.join()
  }

  @Test func aProcessorThatIsNotThereIsRefused() {
    let error = #expect(throws: SystemError.self) {
      try Thread.setAffinity(processors: [1023])
    }
    #expect(error?.code == EINVAL)
  }

  @Test func aThreadThatIsForgottenIsABug() async {
    await #expect(processExitsWith: .failure) {
      _ = try Thread.start(name: "forgotten") {}
    }
  }
}

/// What a thread found out about itself.
private final class GuardedText: @unchecked Sendable {
  // SAFETY: written by one thread, read after it was joined.
  var text = ""
  var blocked: UInt64 = 0

  /// The mask in /proc/PID/status.
  static func blockedSignals(_ status: [UInt8]) -> UInt64? {
    for line in String(decoding: status, as: UTF8.self).split(separator: "\n")
    where line.hasPrefix("SigBlk:") {
      return UInt64(line.dropFirst(8), radix: 16)
    }
    return nil
  }
}

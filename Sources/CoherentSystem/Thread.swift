// A thread with a name and an end: whoever starts one joins it, or lets it go at once. It blocks
// every signal that code could be run for, so that a program's signal handlers never run on a
// thread of ours.

import CLinux
import Glibc

/// A running thread: pthread_create(3).
package final class Thread: @unchecked Sendable {
  // SAFETY: written once by start before anyone else has the object, and read by join, which may be
  // called once only; `joined` enforces that.
  private var handle = pthread_t()
  private var joined = false
  private let lock = Lock()

  /// What the new thread takes with it. Owned by the thread from its first instruction.
  private final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }

  private init() {}

  /// Starts `body` on a new thread. The name is cut to the 15 bytes that the kernel keeps.
  package static func start(
    name: String, stackBytes: Int = 256 * 1024, _ body: @escaping @Sendable () -> Void
  ) throws(SystemError) -> Thread {
    let thread = Thread()
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    let sized = pthread_attr_setstacksize(&attributes, stackBytes)
    invariant(sized == 0, "a stack of \(stackBytes) bytes is large enough")

    let start = Unmanaged.passRetained(Start(name: name, body: body))
    var previous = blockSignals()
    let result = pthread_create(
      &thread.handle, &attributes,
      { argument in
        // SAFETY: the thread gets exactly the object retained for it above, once.
        let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
        Thread.setName(start.name)
        start.body()
        return nil
      }, start.toOpaque())
    pthread_sigmask(SIG_SETMASK, &previous, nil)
    if result != 0 {
      // glibc may have written it all the same: there is nothing to join.
      thread.handle = pthread_t()
      start.release()
      throw SystemError(
        operation: "pthread_create", code: result,
        context: "of \"\(name)\" with a stack of \(stackBytes) bytes")
    }
    return thread
  }

  /// Runs `body` so that no other thread can end this one in it: pthread_setcancelstate(3). Whoever
  /// asked for that meanwhile has it at the next cancellation point after it.
  package static func withoutCancellation<Result: ~Copyable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var previous: CInt = 0
    pthread_setcancelstate(CInt(PTHREAD_CANCEL_DISABLE), &previous)
    defer { pthread_setcancelstate(previous, nil) }
    return try body()
  }

  /// Waits for its end: pthread_join(3). Once.
  package func join() {
    lock.withLock {
      invariant(!joined, "a thread is joined once")
      joined = true
    }
    let result = pthread_join(handle, nil)
    invariant(result == 0, "a thread does not join itself")
  }

  /// Leaves it to itself, so that nobody joins it: pthread_detach(3). Instead of `join`.
  package func detach() {
    lock.withLock {
      invariant(!joined, "a thread is joined or detached once")
      joined = true
    }
    let result = pthread_detach(handle)
    invariant(result == 0, "a thread that nobody joined can be detached")
  }

  deinit {
    invariant(joined || handle == pthread_t(), "a thread is joined before it is forgotten")
  }

  /// Names the calling thread: pthread_setname_np(3), cut to 15 bytes.
  package static func setName(_ name: String) {
    let cut = String(decoding: name.utf8.prefix(15), as: UTF8.self)
    let result = clinux_set_thread_name(cut)
    invariant(result == 0 || cut.utf8.count > 15, "a short name is accepted")
  }

  /// Gives the rest of the time slice away: sched_yield(2).
  package static func yield() {
    sched_yield()
  }

  /// Waits until the process ends: pause(2).
  package static func waitForEver() -> Never {
    while true { pause() }
  }

  /// Does nothing for so long: clock_nanosleep(2). For a bounded wait for what nobody signals.
  package static func rest(nanoseconds: UInt64) {
    var time = timespec(
      tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    var left = timespec()
    while clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &left) == EINTR { time = left }
  }

  /// Blocks every signal but those that a fault raises; what was blocked before.
  private static func blockSignals() -> sigset_t {
    var set = sigset_t()
    sigfillset(&set)
    for signal in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS] {
      sigdelset(&set, signal)
    }
    var previous = sigset_t()
    pthread_sigmask(SIG_SETMASK, &set, &previous)
    return previous
  }
}

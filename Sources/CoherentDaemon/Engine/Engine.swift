// The core under its lock, and the clock that it lacks. Every thread of the daemon comes here with
// an event and leaves with effects; the lock is never held across a system call, but for arming
// the timer. What may never happen: an effect performed while the lock is held.

import CoherentCore
import CoherentSystem

final class Engine: @unchecked Sendable {
  // SAFETY: `core` and `armed` are touched only inside `step`, under `lock`.
  private let lock = Lock()
  private var core: Core
  private var armed = Instant.never
  /// Fires on the control loop when the core wants its `tick`.
  let timer: Timer

  init(_ configuration: CoreConfiguration) throws(SystemError) {
    core = Core(configuration)
    timer = try Timer()
  }

  /// Gives the core one event. Effects are appended to the caller's buffer, to be performed by it.
  func step<Result>(_ body: (inout Core, Instant) -> Result) -> Result {
    lock.lock()
    defer { lock.unlock() }
    let result = body(&core, Instant(nanoseconds: Clock.monotonicNanoseconds()))
    if let next = core.nextDeadline, next < armed {
      armed = next
      timer.arm(atNanoseconds: next.nanoseconds)
    }
    return result
  }

  /// Frames whose memory is not where it should be yet.
  var carvingBacklog: (frames: Int, overshootFrames: Int) {
    lock.withLock { (core.carvingBacklog, core.overshootFrames) }
  }

  /// What ran out is ended; the timer is set for what runs out next.
  func tick(_ effects: inout [Effect]) {
    timer.drain()
    lock.lock()
    defer { lock.unlock() }
    core.tick(Instant(nanoseconds: Clock.monotonicNanoseconds()), &effects)
    armed = core.nextDeadline ?? .never
    timer.arm(atNanoseconds: core.nextDeadline?.nanoseconds)
  }
}

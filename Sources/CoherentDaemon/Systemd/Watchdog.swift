// Whether the daemon is alive enough to say so. The control loop says it, so it lives; the threads
// that move memory must make progress too. It is pure: looks at the threads and the time come in.
//
// What counts is a thread that has work and has finished nothing for a whole interval. It does not
// count that a client is slow, stopped (SIGSTOP) or frozen: calls on its userfaultfd change page
// tables and wake threads, they never wait for the client to run. A client that keeps its address
// space or its memory file locked does hold up its own threads inside such a call, for which the
// heartbeat says "among the client": that has its own bound, and no client may bring the whole
// daemon down by it. Nor does it count that the host has no memory: who tries again is alive.

struct Watchdog {
  /// One thread at one moment.
  struct Look: Equatable {
    var thread: String
    var beats: UInt64
    var hasWork: Bool

    init(thread: String, beats: UInt64, hasWork: Bool) {
      self.thread = thread
      self.beats = beats
      self.hasWork = hasWork
    }

    /// Work that waits in a queue counts while the thread rests: nobody may have woken it.
    init(_ heartbeat: Heartbeat, queueHoldsWork: Bool = false) {
      thread = heartbeat.thread
      beats = heartbeat.beats
      switch heartbeat.activity {
      case .working: hasWork = true
      case .resting: hasWork = queueHoldsWork
      case .amongClient: hasWork = false
      }
    }
  }

  private struct Standstill {
    var beats: UInt64
    var sinceNanoseconds: UInt64
  }

  /// How often to look and to say that all is well: half of what the supervisor waits for.
  let intervalNanoseconds: UInt64
  private var standstills: [String: Standstill] = [:]

  init(intervalNanoseconds: UInt64) { self.intervalNanoseconds = intervalNanoseconds }

  /// The threads that make no progress, nil names for none. A thread that is not looked at any
  /// more is forgotten.
  mutating func stuckThreads(_ looks: [Look], now: UInt64) -> [String] {
    var next: [String: Standstill] = [:]
    var stuck: [String] = []
    for look in looks where look.hasWork {
      var standstill = Standstill(beats: look.beats, sinceNanoseconds: now)
      if let before = standstills[look.thread], before.beats == look.beats { standstill = before }
      next[look.thread] = standstill
      if now - standstill.sinceNanoseconds >= intervalNanoseconds { stuck.append(look.thread) }
    }
    standstills = next
    return stuck
  }
}

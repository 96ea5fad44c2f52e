// The daemon's sign of life for its supervisor, given by the control loop at half of the time that
// the supervisor waits, and only while the threads that move memory make progress.

import CoherentSystem

extension ConnectionLoop {
  /// Begins to give signs of life, if anybody expects them. The first one is given at once.
  func beginWatchdog() throws(SystemError) {
    guard let wait = Supervisor.watchdogNanoseconds() else { return }
    try epoll.add(watchdogTimer.raw, readable: true, token: Token.watchdog)
    watchdog = Watchdog(intervalNanoseconds: max(wait / 2, 1))
    giveSignOfLife()
  }

  func giveSignOfLife() {
    watchdogTimer.drain()
    guard let interval = watchdog?.intervalNanoseconds else { return }
    let now = Clock.monotonicNanoseconds()
    let stuck = watchdog?.stuckThreads(looks(), now: now) ?? []
    for thread in stuck where !stuckThreads.contains(thread) {
      let seconds = Double(interval / 1_000_000) / 1000
      performer.log.event(
        .threadStuck(thread: thread, reason: "has work and has finished nothing for \(seconds) s"))
    }
    for thread in stuckThreads where !stuck.contains(thread) {
      performer.log.notice("thread \(thread) makes progress again, or has ended")
    }
    stuckThreads = stuck
    if stuck.isEmpty { Supervisor.alive() }
    // Looking oftener when something is stuck, there is still time when it goes on.
    watchdogTimer.arm(atNanoseconds: now + (stuck.isEmpty ? interval : max(interval / 4, 1)))
  }

  private func looks() -> [Watchdog.Look] {
    let sessions = Array(sessions.values) + hanging
    return sessions.compactMap(\.pager)
      .map { Watchdog.Look($0.heartbeat, queueHoldsWork: $0.isAsked) }
      + sessions.map { Watchdog.Look($0.releaseHeartbeat) }
      + [performer.housekeeper.heartbeat, blockHeartbeat].map { Watchdog.Look($0) }
  }
}

// The daemon stops: nobody is admitted any more, every client gets its data back, and the
// supervisor is asked for more time for as long as that goes on. The bound is on standing still,
// not on the whole: how long it takes depends on how much there is.

import CoherentCore
import CoherentSystem

/// How far the daemon has come with handing data back.
struct StopProgress {
  /// Sessions that there were.
  let sessions: Int
  /// Runs of frames and sessions that are done.
  var done = 0
  var movedAtNanoseconds: UInt64
  var toldAtNanoseconds: UInt64

  /// So long may nothing happen before what is left is given up.
  static let standstillNanoseconds: UInt64 = 60_000_000_000
  /// Longer than that, so that it is the daemon who gives up, and says for whom.
  static let extensionNanoseconds: UInt64 = 75_000_000_000
  static let tellNanoseconds: UInt64 = 1_000_000_000
}

extension ConnectionLoop {
  func stop(_ reason: String) {
    guard !isStopping else { return }
    isStopping = true
    let now = Clock.monotonicNanoseconds()
    let progress = StopProgress(
      sessions: sessions.count, movedAtNanoseconds: now, toldAtNanoseconds: now)
    stopProgress = progress
    performer.log.event(.stopping(sessions: sessions.count, reason: reason))
    Supervisor.stopping(
      withinNanoseconds: StopProgress.extensionNanoseconds, status: stopText(progress))
    abandonReload()
    gate.end(epoll)
    for token in newcomers.keys { drop(token) }
    performer.engine.step(&effects) { core, now, effects in core.beginStopping(now, &effects) }
    performer.perform(&effects)
    for session in Array(sessions.values) {
      if session.phase == .attached, let pager = session.pager {
        pager.surrender()
      } else {
        disconnect(session, nil)
      }
    }
  }

  /// Whether the loop is to end: everybody has his data, or nothing has moved for too long.
  func isStopOver() -> Bool {
    guard var progress = stopProgress else { return false }
    let now = Clock.monotonicNanoseconds()
    if sessions.values.allSatisfy({ isGivenUp($0, now) }) { return true }
    let done =
      progress.sessions - sessions.count
      + sessions.values.reduce(0) { $0 + ($1.pager?.surrenderedRuns ?? 0) }
    if done != progress.done {
      progress.done = done
      progress.movedAtNanoseconds = now
    }
    if progress.movedAtNanoseconds > progress.toldAtNanoseconds,
      now - progress.toldAtNanoseconds >= StopProgress.tellNanoseconds
    {
      progress.toldAtNanoseconds = now
      Supervisor.extendTimeout(
        nanoseconds: StopProgress.extensionNanoseconds, status: stopText(progress))
    }
    stopProgress = progress
    return now - progress.movedAtNanoseconds > StopProgress.standstillNanoseconds
  }

  private func stopText(_ progress: StopProgress) -> String {
    let done = progress.sessions - sessions.count
    return "stopping: \(done) of \(progress.sessions) sessions have their data"
  }

  /// Says who did not get his data back, and how much of it.
  func reportLoss() {
    for session in sessions.values where session.phase != .ending {
      let id = session.id
      let process = UInt32(bitPattern: session.peer.process)
      let bytes = performer.engine.look { core, now in
        let bytes = UInt64(core.session(id)?.places[.stored] ?? 0) * performer.frameBytes
        core.noteLost(session: id, process: process, bytes: bytes, because: .stopping, now)
        return bytes
      }
      guard bytes > 0 else { continue }
      performer.log.event(
        .dataLost(
          session.client, bytes: bytes,
          reason: "the daemon stops, and could not bring them back into the client's memory"))
    }
  }
}

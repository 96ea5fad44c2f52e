// Sessions whose client holds up their own threads: by a lock of its address space, or of its
// memory file. Nobody else waits for such a thread, also not the end of the process, which has to
// wait for every call that has begun: what may never happen is that a client decides when that is.

import CoherentCore
import CoherentSystem

extension ConnectionLoop {
  /// Longer than any call lasts that nobody holds up.
  private static let patienceNanoseconds: UInt64 = 500_000_000

  /// The core is not to count on what does not move.
  func checkHeldUp(_ session: ClientSession, _ now: UInt64) {
    let isHeldUp = session.heldUpNanoseconds(at: now) > Self.patienceNanoseconds
    guard isHeldUp != session.isHeldUp else { return }
    session.isHeldUp = isHeldUp
    let id = session.id
    performer.engine.step(&effects) { core, now, effects in
      if isHeldUp { core.noteHeldUp(id, now, &effects) } else { core.noteMoving(id, now) }
    }
    performer.perform(&effects, current: session)
  }

  /// Sees to it that the memory of a session that is over comes back, if its client lets it.
  func assistRelease(_ session: ClientSession, _ now: UInt64) {
    let faultNanoseconds = configuration.faultTimeoutMilliseconds * 1_000_000
    guard let pager = session.pager else {
      if !session.isReleaseClaimed { _ = session.releaseApart() }
      return nameWithheld(session, now)
    }
    let held = session.heldUpNanoseconds(at: now)
    if held > Self.patienceNanoseconds, !session.isRescued { session.isRescued = session.rescue() }
    if pager.busyNanoseconds(at: now) > faultNanoseconds, !session.isReleaseClaimed {
      _ = session.releaseApart()
    }
    nameWithheld(session, now)
  }

  /// Says once whose client keeps memory from the device although its session is over.
  private func nameWithheld(_ session: ClientSession, _ now: UInt64) {
    let faultNanoseconds = configuration.faultTimeoutMilliseconds * 1_000_000
    guard !session.isNamed, session.heldUpNanoseconds(at: now) > faultNanoseconds else { return }
    session.isNamed = true
    if !session.hasMisbehaved { performer.misbehaved() }
    session.hasMisbehaved = true
    let id = session.id
    let frames = performer.engine.look { core, _ in core.session(id)?.withheldFrames ?? 0 }
    performer.log.event(.clientMisbehaved, client: session.peer.process, of: session.peer.user) {
      .clientMisbehaved(
        session.client,
        reason: "it keeps the lock of its memory file or of its "
          + "address space; \(UInt64(frames) * performer.frameBytes) bytes of device memory are "
          + "withheld until it lets go")
    }
  }

  /// Whether a stop does not wait for what is left of a session: it is over, and its client holds
  /// it up.
  func isGivenUp(_ session: ClientSession, _ now: UInt64) -> Bool {
    session.phase == .ending && session.heldUpNanoseconds(at: now) > Self.patienceNanoseconds
  }

  // MARK: the end of the process

  private static let shortNanoseconds: UInt64 = 100_000_000
  private static let longNanoseconds: UInt64 = 1_000_000_000
  private static let rescueNanoseconds: UInt64 = 2_000_000_000
  private static let lookNanoseconds: UInt64 = 1_000_000

  /// The process is about to end, which takes until every call of its threads has returned. None
  /// is begun any more that a client can hold up. A session that one lasts long in is over: then
  /// the client's threads are told to go on. Bounded, whatever they do.
  func letGo() {
    let sessions = Array(sessions.values) + hanging
    for session in sessions { for thread in session.heartbeats { thread.halt() } }
    let began = Clock.monotonicNanoseconds()
    var held: [ClientSession] = sessions
    while true {
      held = held.filter { $0.heartbeats.contains { $0.isInCall } }
      if held.isEmpty { return }
      let now = Clock.monotonicNanoseconds()
      if now - began > Self.shortNanoseconds,
        held.allSatisfy({ $0.heldUpNanoseconds(at: now) > Self.longNanoseconds })
      {
        break
      }
      Thread.rest(nanoseconds: Self.lookNanoseconds)
    }
    for session in held {
      performer.log.event(.clientMisbehaved, client: session.peer.process, of: session.peer.user) {
        .clientMisbehaved(
          session.client,
          reason: "it keeps the lock of its memory file or of its address space while the daemon "
            + "ends")
      }
      session.memory.table.noteEnd()
      performer.keeper?.end(session.id)
      _ = session.rescue()
    }
    let rescued = Clock.monotonicNanoseconds()
    while held.contains(where: { $0.heartbeats.contains { $0.isInCall } }),
      Clock.monotonicNanoseconds() - rescued < Self.rescueNanoseconds
    {
      Thread.rest(nanoseconds: Self.lookNanoseconds)
    }
  }
}

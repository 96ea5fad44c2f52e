// What is looked at once a second, as long as anything happens at all: bounds of time, and what the
// supervisor is told. A daemon whose clients are quiet is not woken for it: the engine's pulse is
// armed by the next event.

import CoherentCore
import CoherentSystem
import CoherentWire

extension ConnectionLoop {
  /// Looks for what has taken too long: greetings, slow readers, address spaces that resist.
  func everySecond() {
    performer.engine.endPulse()
    performer.engine.tick(&effects)
    performer.perform(&effects)
    let now = Clock.monotonicNanoseconds()
    let attachTimeout = configuration.attachTimeoutMilliseconds
    for (token, newcomer) in newcomers where exceeds(newcomer.sinceNanoseconds, attachTimeout, now)
    {
      drop(token)
    }
    updateGate()
    for session in Array(sessions.values) { checkBounds(session, now) }
    hanging.removeAll { session in
      guard let pager = session.pager, pager.hasFinished else { return false }
      pager.join()
      session.pager = nil
      return true
    }
    checkReload(now)
    memory?.wake()
    performer.reportPressure(now)
    performer.log.sayWhatIsMissing()
    if !isStopping { statusLine.tell(statusText()) }
    if isBounded(at: now) { performer.engine.armPulse() }
  }

  /// The daemon in a sentence, and what an administrator should know first.
  func statusText() -> String {
    let sentence = describesItself()
    return reloader.complaint.map { "\(sentence); \($0)" } ?? sentence
  }

  /// Whether there is anything whose time has to be watched, although nothing happens.
  private func isBounded(at now: UInt64) -> Bool {
    if !newcomers.isEmpty || !hanging.isEmpty || performer.log.owesLines { return true }
    if reloader.isReading || performer.watchesPressure { return true }
    if sessions.values.contains(where: { isBounded($0, now) }) { return true }
    let status = performer.engine.look { core, _ in core.status() }
    return status.isUnderPressure || status.places[.host] > 0
  }

  private func isBounded(_ session: ClientSession, _ now: UInt64) -> Bool {
    session.phase != .attached || session.waitsForRoomSince != nil
      || (session.pager?.busyNanoseconds(at: now) ?? 0) > 0
  }

  private func checkBounds(_ session: ClientSession, _ now: UInt64) {
    let faultNanoseconds = configuration.faultTimeoutMilliseconds * 1_000_000
    checkHeldUp(session, now)
    switch session.phase {
    case .awaitsHello, .awaitsAttach, .attaching:
      if exceeds(session.sinceNanoseconds, configuration.attachTimeoutMilliseconds, now) {
        disconnect(session, "did not attach within the time for it", .timedOut)
      }
    case .attached:
      if let since = session.waitsForRoomSince,
        exceeds(since, configuration.slowReaderTimeoutMilliseconds, now)
      {
        disconnect(session, "does not read its replies", .protocolViolation)
      } else if (session.pager?.busyNanoseconds(at: now) ?? 0) > faultNanoseconds {
        disconnect(
          session, "its address space or its memory file resists the pager", .protocolViolation)
        assistRelease(session, now)
      }
    case .ending: assistRelease(session, now)
    }
  }

  private func exceeds(_ since: UInt64, _ milliseconds: UInt64, _ now: UInt64) -> Bool {
    now > since && now - since > milliseconds * 1_000_000
  }
}

// Sessions of the daemon before this one: their connections are watched, their pagers started, and
// their clients told, before anything that they sent meanwhile is read. What may never happen: an
// event for the core before all of them are known, since it may be about any of them; what it does
// with control words and tables would be done to nobody.

import CoherentCore
import CoherentSystem
import CoherentWire

extension ConnectionLoop {
  func adopt(_ adopted: [AdoptedSession], generation: UInt32) {
    let failures = adopted.map(enter)
    for (session, failure) in zip(adopted.map { sessions[$0.id]! }, failures) {
      begin(session, generation, failure)
    }
    // What the core wants of the control words it took over.
    performer.engine.tick(&effects)
    performer.perform(&effects)
  }

  /// Makes a session known, with a pager that does not run yet; why it has none, if it has none.
  private func enter(_ adopted: AdoptedSession) -> SystemError? {
    performer.engine.setMemory(adopted.id, adopted.memory)
    let session = adopted.connection(performer)
    session.phase = .attached
    sessions[adopted.id] = session
    performer.sessions.insert(session)
    do throws(SystemError) {
      session.pager = try Pager(
        session: session, fault: adopted.takeFault(), baseAddress: adopted.entry.baseAddress,
        attach: nil, leftovers: adopted.leftovers)
      return nil
    } catch {
      return error
    }
  }

  private func begin(_ session: ClientSession, _ generation: UInt32, _ failure: SystemError?) {
    let id = session.id
    do throws(SystemError) {
      if let failure { throw failure }
      session.send(.recovered(generation: generation))
      try epoll.add(
        session.socket.raw, readable: true, token: Token.sessions | UInt64(id.rawValue))
      try epoll.add(
        session.process.raw, readable: true, token: Token.processes | UInt64(id.rawValue))
      try session.pager?.start()
    } catch {
      let jobs = session.pager?.abandon() ?? []
      session.pager = nil
      // No doing of the client's: the daemon lacks something, or the client has died.
      performer.log.warning("session \(id.rawValue) cannot be gone on with: \(error)")
      disconnect(session, nil)
      performer.engine.step(&effects) { core, now, effects in
        for job in jobs { core.completed(job, .cancelled, now, &effects) }
      }
      performer.perform(&effects)
    }
  }
}

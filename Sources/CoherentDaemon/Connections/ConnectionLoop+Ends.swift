// How a session ends: the client left or died, or did what ends it. The core is told, then the
// connection is closed, then the pager releases the memory, then the session is forgotten.

import CoherentCore
import CoherentSystem
import CoherentWire

extension ConnectionLoop {
  /// The client is gone, or, with a reason, is made to go.
  func disconnect(_ session: ClientSession, _ reason: String?, _ kind: Refusal.Reason? = nil) {
    guard session.phase != .ending else { return }
    if let reason {
      performer.misbehaved()
      session.hasMisbehaved = true
      performer.log.event(.clientMisbehaved, client: session.peer.process, of: session.peer.user) {
        .clientMisbehaved(session.client, reason: (kind.map { "\($0): " } ?? "") + reason)
      }
    } else {
      performer.log.debug("session \(session.id.rawValue): process \(session.peer.process) left")
    }
    let id = session.id
    performer.engine.step(&effects) { core, now, effects in core.disconnect(id, now, &effects) }
    performer.perform(&effects, current: session)
    end(session)
  }

  /// Closes the connection of a session that the core has ended.
  func end(_ session: ClientSession) {
    guard session.phase != .ending else { return }
    let heldMemory = session.phase == .attached || session.phase == .attaching
    session.phase = .ending
    arrivals.remove(Token.sessions | UInt64(session.id.rawValue))
    // Before the connection is closed: its client must not take this for the daemon's death.
    session.memory.table.noteEnd()
    // Before anything of it is given back: the next daemon must not go on with what is left.
    performer.keeper?.end(session.id)
    try? epoll.remove(session.socket.raw)
    try? epoll.remove(session.process.raw)
    session.close()
    if let pager = session.pager {
      pager.end()
    } else if heldMemory {
      _ = session.releaseApart()
    } else if session.claimRelease() {
      session.concludeRelease()  // it never attached, so there is nothing to punch
    }
  }

  /// Everything the session held is released.
  func forget(_ session: ClientSession) {
    sessions[session.id] = nil
    performer.sessions.remove(session.id)
    performer.engine.setMemory(session.id, nil)
    guard let pager = session.pager else { return }
    if session.phase == .attached {
      // The daemon stops, and this client has its data.
      session.phase = .ending
      session.close()
    }
    if pager.hasFinished || pager.isLeaving {
      pager.join()
      session.pager = nil
    } else {
      hanging.append(session)
    }
  }
}

// Sessions of the daemon before this one: their connections are watched, their pagers started, and
// their clients told, before anything that they sent meanwhile is read.

import CoherentCore
import CoherentSystem
import CoherentWire

extension ConnectionLoop {
  func adopt(_ adopted: [AdoptedSession], generation: UInt32) {
    for session in adopted { adopt(session, generation) }
    // What the core wants of the control words it took over.
    performer.engine.tick(&effects)
    performer.perform(&effects)
  }

  private func adopt(_ adopted: AdoptedSession, _ generation: UInt32) {
    let id = adopted.id
    performer.engine.setMemory(id, adopted.memory)
    let session = adopted.connection(performer)
    session.phase = .attached
    sessions[id] = session
    performer.sessions.insert(session)
    session.send(.recovered(generation: generation))
    do throws(SystemError) {
      let pager = try Pager(
        session: session, fault: adopted.takeFault(), baseAddress: adopted.entry.baseAddress,
        attach: nil)
      session.pager = pager
      try epoll.add(
        session.socket.raw, readable: true, token: Token.sessions | UInt64(id.rawValue))
      try epoll.add(
        session.process.raw, readable: true, token: Token.processes | UInt64(id.rawValue))
      try pager.start()
    } catch {
      session.pager = nil
      disconnect(session, "it cannot be gone on with: \(error)")
    }
  }
}

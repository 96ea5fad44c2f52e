// A session whose client lives, and whose records make no sense: nobody can say any more which of
// its bytes count. Its library looks for itself what it can still bring back; the daemon guesses
// nothing, and says what is at stake. That is looked for on a thread of its own, since the client
// can hold it up, and nobody waits for it.

import CoherentCore
import CoherentShared
import CoherentSystem
import CoherentWire

struct LostSession: Sendable {
  let id: SessionID
  let peer: PeerCredentials
  let reason: String
  private let file: ClientFile
  private let store: Range<UInt64>

  init(
    _ id: SessionID, _ peer: PeerCredentials, _ file: ClientFile, _ geometry: LedgerGeometry,
    _ reason: String
  ) {
    self.id = id
    self.peer = peer
    self.file = file
    self.reason = reason
    store = geometry.arenaBytes..<geometry.arenaBytes * 2
  }

  /// One that was read, and does not agree with itself or with the others.
  init(_ session: AdoptedSession, _ geometry: LedgerGeometry, _ reason: String) {
    self.init(session.id, session.peer, session.memory.file, geometry, reason)
  }

  /// Says what is at stake, for the log and for the history, as soon as it is known.
  func report(to performer: Performer) {
    let client = EventClient(
      process: peer.process, user: peer.user, unit: ProcessDescription.unit(of: peer.process),
      session: id)
    do throws(SystemError) {
      try Thread.start(name: "lost-\(id.rawValue)") {
        let bytes = storedBytes(Heartbeat(thread: "lost-\(id.rawValue)"))
        if bytes > 0 { say(bytes, client, performer) }
      }.detach()
    } catch {
      performer.log.warning("session \(id.rawValue): what it lost cannot be looked for: \(error)")
    }
  }

  private func say(_ bytes: UInt64, _ client: EventClient, _ performer: Performer) {
    performer.log.event(.dataLost(client, bytes: bytes, reason: "the daemon died, and \(reason)"))
    performer.engine.look { core, now in
      core.noteLost(
        session: id, process: UInt32(bitPattern: peer.process), bytes: bytes,
        because: .recovery, now)
    }
  }

  /// How many bytes the host store holds; 0 where it is no such file.
  private func storedBytes(_ thread: Heartbeat) -> UInt64 {
    let ranges = try? file.dataRanges(from: store.lowerBound, to: store.upperBound, thread)
    return (ranges ?? []).reduce(0) { $0 + ($1.upperBound - $1.lowerBound) }
  }
}

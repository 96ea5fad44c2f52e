// A session whose client lives, and whose records make no sense: nobody can say any more which of
// its bytes count. Its library looks for itself what it can still bring back; the daemon guesses
// nothing, and says what is at stake.

import CoherentCore
import CoherentShared
import CoherentSystem
import CoherentWire

struct LostSession {
  let id: SessionID
  let peer: PeerCredentials
  /// What its host store holds.
  let storedBytes: UInt64
  let reason: String

  init(_ id: SessionID, _ peer: PeerCredentials, storedBytes: UInt64, _ reason: String) {
    self.id = id
    self.peer = peer
    self.storedBytes = storedBytes
    self.reason = reason
  }

  /// One that was read, and does not agree with itself or with the others.
  init(_ session: AdoptedSession, _ geometry: LedgerGeometry, _ reason: String) {
    self.init(
      session.id, session.peer, storedBytes: Self.storedBytes(session.memory.file, geometry),
      reason)
  }

  /// How many bytes the host store of a session's file holds; 0 where it is no such file.
  static func storedBytes(_ file: borrowing MemoryFile, _ geometry: LedgerGeometry) -> UInt64 {
    let store = geometry.arenaBytes..<geometry.arenaBytes * 2
    let ranges = try? file.dataRanges(from: store.lowerBound, to: store.upperBound)
    return (ranges ?? []).reduce(0) { $0 + ($1.upperBound - $1.lowerBound) }
  }

  /// Says what is at stake, for the log and for the history.
  func report(to core: inout Core, _ log: Log) {
    guard let event else { return }
    log.event(event)
    core.noteLost(
      session: id, process: UInt32(bitPattern: peer.process), bytes: storedBytes,
      because: .recovery, Instant(nanoseconds: Clock.monotonicNanoseconds()))
  }

  /// Nil where nothing was evicted: then all that it has is in its own memory.
  var event: LogEvent? {
    guard storedBytes > 0 else { return nil }
    let client = EventClient(
      process: peer.process, user: peer.user, unit: ProcessDescription.unit(of: peer.process),
      session: id)
    return .dataLost(client, bytes: storedBytes, reason: "the daemon died, and \(reason)")
  }
}

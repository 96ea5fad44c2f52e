// Which session has which connection: the shell's side of the core's session numbers.

import CoherentWire
import Synchronization

final class SessionRegistry: Sendable {
  private let byID = Mutex<[SessionID: ClientSession]>([:])

  subscript(_ id: SessionID) -> ClientSession? { byID.withLock { $0[id] } }

  var all: [ClientSession] { byID.withLock { Array($0.values) } }

  func insert(_ session: ClientSession) { byID.withLock { $0[session.id] = session } }

  func remove(_ id: SessionID) { byID.withLock { $0[id] = nil } }
}

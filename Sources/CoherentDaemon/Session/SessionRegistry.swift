// Which session has which connection: the shell's side of the core's session numbers.

import CoherentWire
import Synchronization

final class SessionRegistry: Sendable {
  private let byID = Mutex<[SessionID: ClientSession]>([:])
  private let onFirst = Mutex<(@Sendable () -> Void)?>(nil)

  subscript(_ id: SessionID) -> ClientSession? { byID.withLock { $0[id] } }

  var all: [ClientSession] { byID.withLock { Array($0.values) } }

  var isEmpty: Bool { byID.withLock { $0.isEmpty } }

  /// `body` is called, by whoever inserts it, when there is a session where there was none.
  func whenFirst(_ body: @escaping @Sendable () -> Void) { onFirst.withLock { $0 = body } }

  func insert(_ session: ClientSession) {
    let isFirst = byID.withLock { sessions in
      sessions[session.id] = session
      return sessions.count == 1
    }
    if isFirst { onFirst.withLock { $0 }?() }
  }

  func remove(_ id: SessionID) { byID.withLock { $0[id] = nil } }
}

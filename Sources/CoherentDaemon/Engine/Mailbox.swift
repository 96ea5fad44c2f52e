// Messages from any thread to the control loop, which alone opens and closes connections.

import CoherentSystem
import Synchronization

final class Mailbox: Sendable {
  enum Letter {
    /// The core ended this session: its connection is to be closed, its memory released.
    case end(ClientSession)
    /// The session is to be ended, for this reason, if the daemon ends it for one.
    case disconnect(ClientSession, String?)
    /// Replies wait for room in the session's socket.
    case awaitRoom(ClientSession)
    /// The pager has released everything and its thread is about to end.
    case pagerFinished(ClientSession)
    /// An administrator wants the configuration read again, and hears what came of it.
    case reload(@Sendable (Reloader.Outcome) -> Void)
    /// The files of a reload were read: that of this number.
    case configurationRead(ConfigurationReading, UInt64)
  }

  private let letters = Mutex<[Letter]>([])
  let bell: EventCounter

  init() throws(SystemError) { bell = try EventCounter() }

  func post(_ letter: Letter) {
    let wasEmpty = letters.withLock { letters in
      letters.append(letter)
      return letters.count == 1
    }
    if wasEmpty { bell.signal() }
  }

  func takeAll() -> [Letter] {
    _ = bell.drain()
    return letters.withLock { letters in
      defer { letters = [] }
      return letters
    }
  }
}

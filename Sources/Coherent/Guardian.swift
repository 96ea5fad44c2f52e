// The library's one thread for a session. It sleeps until the connection has ended, then sees to it
// that no thread waits for a daemon that is gone: it takes the memory back, and looks for another
// daemon. It never touches the arena's mapping, and takes no lock that a thread could hold which
// does. It owns neither the session nor the client: when nobody else does, it ends.

import CoherentShared
import CoherentSystem
import CoherentWire

final class Guardian: @unchecked Sendable {
  // SAFETY: constant, but for what only its own thread uses.
  private let connection: Connection
  private weak let arena: Arena?
  private weak let succession: Succession?
  private let bell: Bell
  private let socketPath: String?
  private var window: Mapping?

  private static let firstPauseMilliseconds: Int32 = 50
  private static let longestPauseMilliseconds: Int32 = 2000

  private init(
    _ session: Session, _ arena: Arena, _ succession: Succession, _ path: String?
  ) throws(SystemError) {
    window = try ArenaRestoration.window(for: arena)
    connection = session.connection
    bell = session.bell
    self.arena = arena
    self.succession = succession
    socketPath = path
  }

  /// Starts one. Without a path it looks for no other daemon.
  static func start(
    for session: Session, _ succession: Succession, socketPath: String?
  ) throws(SystemError) {
    guard let arena = session.arenaIfOpen else { return }
    let guardian = try Guardian(session, arena, succession, socketPath)
    try Thread.start(name: "coherent-guard") { guardian.run() }.detach()
  }

  private func run() {
    connection.waitForHangUp()
    let reason = connection.endAfterHangUp()
    guard reason.detail != .closedByCaller, takeMemoryBack() else { return }
    findAnotherDaemon()
  }

  /// Whether the program goes on with its memory.
  private func takeMemoryBack() -> Bool {
    guard let arena, let window = window.take(), !bell.isRung() else { return false }
    var restoration = ArenaRestoration(arena, bell: bell, window: window)
    do throws(TableFault) {
      let table = try arena.takeTable()
      switch try table.standing() {
      case .live: try restoration.perform(try table.contents())
      case .surrendered: restoration.performAfterSurrender()
      case .ended:
        arena.loseAll()
        return false
      }
    } catch {
      // Nothing of it is believed.
      restoration.performWithoutTable()
    }
    return true
  }

  private func findAnotherDaemon() {
    guard let socketPath else { return }
    var pause = Self.firstPauseMilliseconds
    while !bell.isRung(within: pause), succession?.isOpen == true {
      do throws(Refusal) {
        let session = try Handshake(path: socketPath).perform()
        succession?.follow(session)
        return
      } catch {
        pause = min(2 * pause, Self.longestPauseMilliseconds)
      }
    }
  }
}

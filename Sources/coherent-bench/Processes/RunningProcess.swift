// A process that the benchmark started: waited for once, by the main thread, and killed by whoever
// has to. It is held by descriptor, so a signal never reaches a stranger.

import CoherentSystem
import Synchronization

final class RunningProcess: Sendable {
  let name: String
  let id: Int32
  private let descriptor: ProcessDescriptor
  private let child: Mutex<ChildProcess?>

  init(_ name: String, _ launch: Launch) throws(SystemError) {
    self.name = name
    let child = try Process.spawn(launch)
    id = child.process
    // Nobody has waited for it, so the number still means this process.
    descriptor = try ProcessDescriptor(process: child.process)
    self.child = Mutex(consume child)
  }

  /// Its own program, or one that stands beside it.
  static func siblingPath(_ name: String) throws(SystemError) -> String {
    let own = try Process.executablePath()
    guard let slash = own.lastIndex(of: "/") else { return name }
    return own[...slash] + name
  }

  func kill(signal: CInt) { _ = try? descriptor.send(signal: signal) }

  /// False when the time ran out.
  func waitEnded(timeoutMilliseconds: Int32) -> Bool {
    descriptor.waitGone(timeoutMilliseconds: timeoutMilliseconds)
  }

  /// How it ended; waits for that. Nil when it was asked before.
  func wait() throws(SystemError) -> ChildProcess.Exit? {
    _ = waitEnded(timeoutMilliseconds: -1)
    guard let child = child.withLock({ $0.take() }) else { return nil }
    return try child.wait()
  }

  /// Asks it to end, makes it if it does not in time, and tells how it ended.
  @discardableResult
  func end(_ signal: CInt, patienceMilliseconds: Int32) throws(SystemError) -> ChildProcess.Exit? {
    kill(signal: signal)
    if !waitEnded(timeoutMilliseconds: patienceMilliseconds) { kill(signal: Signal.kill) }
    return try wait()
  }
}

/// The signals that are sent and received here: signal(7).
enum Signal {
  static let interrupt: CInt = 2
  static let kill: CInt = 9
  static let terminate: CInt = 15
}

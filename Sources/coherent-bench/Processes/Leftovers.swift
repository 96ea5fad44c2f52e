// What must be gone when the program ends, however it ends: processes and temporary directories.
// Any thread clears it; clearing twice does nothing the second time.

import CoherentSystem
import Synchronization

final class Leftovers: Sendable {
  static let shared = Leftovers()

  private struct State {
    var processes: [RunningProcess] = []
    var directories: [String] = []
  }
  private let state = Mutex(State())

  static let patienceMilliseconds: Int32 = 10_000

  func add(_ process: RunningProcess) { state.withLock { $0.processes.append(process) } }

  func add(directory: String) { state.withLock { $0.directories.append(directory) } }

  /// It has ended and was waited for.
  func forget(_ process: RunningProcess) {
    state.withLock { $0.processes.removeAll { $0 === process } }
  }

  /// Ends the processes, the last one first: clients before their daemon. Removes the directories.
  func clear() {
    let state = state.withLock { state in
      defer { state = State() }
      return state
    }
    for process in state.processes.reversed() {
      _ = try? process.end(Signal.terminate, patienceMilliseconds: Self.patienceMilliseconds)
    }
    for directory in state.directories { Self.remove(directory) }
  }

  /// Removes a directory that we made, with the files in it.
  func remove(directory: String) {
    state.withLock { $0.directories.removeAll { $0 == directory } }
    Self.remove(directory)
  }

  private static func remove(_ directory: String) {
    for name in (try? Directory.names(path: directory)) ?? [] {
      try? SmallFile.remove(path: "\(directory)/\(name)")
    }
    try? Directory.removeEmpty(path: directory)
  }
}

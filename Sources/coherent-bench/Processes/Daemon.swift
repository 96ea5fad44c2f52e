// The daemon that is measured: one that is started for it and stopped afterwards, or one that was
// running before and is left alone.

import CoherentControl
import CoherentSystem

final class Daemon {
  let socketPath: String
  let controlPath: String
  /// Its process, as it says itself.
  let processID: Int32
  private let own: (process: RunningProcess, directory: String)?

  private static let startMilliseconds: UInt64 = 60_000

  /// Opens the daemon that the options name, or starts one that runs on these processors.
  static func open(
    _ plan: DaemonPlan, _ options: DaemonOptions, processors: [Int]?
  ) throws -> Daemon {
    if options.isForeignDaemon {
      var client = try ControlClient(path: options.controlPath)
      return Daemon(
        socketPath: options.socketPath, controlPath: options.controlPath,
        processID: try client.status().process, own: nil)
    }
    return try start(plan, processors)
  }

  private init(
    socketPath: String, controlPath: String, processID: Int32,
    own: (process: RunningProcess, directory: String)?
  ) {
    self.socketPath = socketPath
    self.controlPath = controlPath
    self.processID = processID
    self.own = own
  }

  func status() throws(ControlFailure) -> StatusReport {
    var client = try ControlClient(path: controlPath)
    return try client.status()
  }

  /// Stops a daemon of our own. Throws when it does not end as it should.
  func close() throws {
    guard let own else { return }
    let exit = try own.process.end(
      Signal.terminate, patienceMilliseconds: Leftovers.patienceMilliseconds)
    Leftovers.shared.forget(own.process)
    Leftovers.shared.remove(directory: own.directory)
    guard exit == .status(0) else {
      throw BenchFailure("the daemon did not stop as it should: \(Self.text(exit))")
    }
  }

  // MARK: Starting

  private static func start(_ plan: DaemonPlan, _ processors: [Int]?) throws -> Daemon {
    let directory = try Directory.createTemporary(prefix: "coherent-bench-")
    Leftovers.shared.add(directory: directory)
    if plan.servesEverybody { try Directory.letEverybodyEnter(path: directory) }
    let socketPath = "\(directory)/client"
    let controlPath = "\(directory)/control"
    let configurationPath = "\(directory)/coherentd.conf"
    let text = plan.configuration(socketPath: socketPath, controlPath: controlPath)
    try SmallFile.write(path: configurationPath, Array(text.utf8))
    let path = try RunningProcess.siblingPath("coherentd")
    guard SmallFile.exists(path: path) else {
      throw BenchFailure(
        "there is no \(path): build it (swift build --product coherentd), or name a running "
          + "daemon with --socket and --control")
    }
    var launch = Launch(path: path, arguments: ["--config", configurationPath])
    launch.processors = processors
    launch.environment = Environment.all().filter { !isSupervisors($0) }
    launch.diesWithParentThread = true
    let process = try RunningProcess("coherentd", launch)
    Leftovers.shared.add(process)
    try waitReady(process, controlPath)
    return Daemon(
      socketPath: socketPath, controlPath: controlPath, processID: process.id,
      own: (process, directory))
  }

  /// What a supervisor told us is not meant for our children.
  static func isSupervisors(_ variable: String) -> Bool {
    ["LISTEN_", "NOTIFY_SOCKET=", "WATCHDOG_"].contains { variable.hasPrefix($0) }
  }

  /// Until it answers; it commits its whole device first.
  private static func waitReady(_ process: RunningProcess, _ controlPath: String) throws {
    let deadline = Clock.monotonicNanoseconds() + startMilliseconds * 1_000_000
    while Clock.monotonicNanoseconds() < deadline {
      do throws(ControlFailure) {
        var client = try ControlClient(path: controlPath)
        _ = try client.status()
        return
      } catch {
        guard case .notRunning = error else { throw error }
      }
      if process.waitEnded(timeoutMilliseconds: 10) {
        throw BenchFailure("the daemon did not start: \(text(try process.wait()))")
      }
    }
    throw BenchFailure("the daemon did not answer within \(startMilliseconds / 1000) seconds")
  }

  static func text(_ exit: ChildProcess.Exit?) -> String {
    switch exit {
    case .status(let status): "it ended with status \(status)"
    case .signal(let signal): "it was ended by signal \(signal)"
    case nil: "it is gone"
    }
  }
}

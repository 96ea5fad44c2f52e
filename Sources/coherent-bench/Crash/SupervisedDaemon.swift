// A daemon that is started again whenever it dies, with the sockets and descriptors that it left.
// The sockets that clients connect to are ours, so nobody who connects meanwhile is refused.

import CoherentControl
import CoherentSystem

final class SupervisedDaemon {
  let socketPath: String
  let controlPath: String
  private let directory: String
  private let configurationPath: String
  private let keeper: DescriptorKeeper
  private let clientListener: LocalSocket
  private let controlListener: LocalSocket
  private var process: RunningProcess?

  private static let readyNanoseconds: UInt64 = 60_000_000_000

  /// How an attempt to start one went.
  enum Start: Equatable {
    case ready(milliseconds: Double)
    /// Killed before it was ready, as a kill point does it.
    case killed
  }

  /// Nothing is started yet.
  init(_ plan: DaemonPlan) throws {
    directory = try Directory.createTemporary(prefix: "coherent-bench-")
    Leftovers.shared.add(directory: directory)
    socketPath = "\(directory)/client"
    controlPath = "\(directory)/control"
    configurationPath = "\(directory)/coherentd.conf"
    let text = plan.configuration(socketPath: socketPath, controlPath: controlPath)
    try SmallFile.write(path: configurationPath, Array(text.utf8))
    clientListener = try LocalSocket.listen(
      path: socketPath, kind: .sequentialPacket, mode: 0o600)
    controlListener = try LocalSocket.listen(path: controlPath, kind: .stream, mode: 0o600)
    keeper = try DescriptorKeeper(path: "\(directory)/notify")
  }

  func status() throws(ControlFailure) -> StatusReport {
    var client = try ControlClient(path: controlPath)
    return try client.status()
  }

  /// How many descriptors are stored.
  var storedDescriptors: Int { keeper.contents().count }

  /// Starts a daemon with everything that the one before left, and waits until it is ready.
  func start(killPoint: String?) throws -> Start {
    let before = keeper.timesReady
    var launch = Launch(
      path: try RunningProcess.siblingPath("coherentd"),
      arguments: ["--config", configurationPath])
    launch.environment =
      Environment.all().filter { !Daemon.isSupervisors($0) } + ["NOTIFY_SOCKET=\(keeper.path)"]
      + (killPoint.map { ["\(KillPointList.variable)=\($0)"] } ?? [])
    launch.passed =
      [("coherentd", clientListener.raw), ("varlink", controlListener.raw)] + keeper.contents()
    launch.diesWithParentThread = true
    let start = Clock.monotonicNanoseconds()
    let process = try RunningProcess("coherentd", launch)
    Leftovers.shared.add(process)
    self.process = process
    while Clock.monotonicNanoseconds() - start < Self.readyNanoseconds {
      if keeper.timesReady > before {
        return .ready(milliseconds: Double(Clock.monotonicNanoseconds() - start) / 1e6)
      }
      if process.waitEnded(timeoutMilliseconds: 1) {
        try reap()
        return .killed
      }
    }
    throw BenchFailure("the daemon was not ready within a minute")
  }

  func kill() { process?.kill(signal: Signal.kill) }

  /// Whether it has died, waited for so long. Throws when it ended otherwise than by the signal.
  func hasDied(withinMilliseconds milliseconds: Int32) throws -> Bool {
    guard let process else { return true }
    guard process.waitEnded(timeoutMilliseconds: milliseconds) else { return false }
    try reap()
    return true
  }

  private func reap() throws {
    guard let process else { return }
    let exit = try process.wait()
    Leftovers.shared.forget(process)
    self.process = nil
    guard exit == .signal(Signal.kill) else {
      throw BenchFailure("the daemon ended by itself: \(Daemon.text(exit))")
    }
  }

  /// Stops it as a supervisor would.
  func close() throws {
    if let process {
      let exit = try process.end(
        Signal.terminate, patienceMilliseconds: Leftovers.patienceMilliseconds)
      Leftovers.shared.forget(process)
      guard exit == .status(0) else {
        throw BenchFailure("the daemon did not stop as it should: \(Daemon.text(exit))")
      }
    }
    keeper.end()
    Leftovers.shared.remove(directory: directory)
  }
}

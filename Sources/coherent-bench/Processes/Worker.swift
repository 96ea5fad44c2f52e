// A child that runs one of this program's own worker roles, and the line to it.

import CoherentSystem

final class Worker {
  let process: RunningProcess
  let channel: Channel

  /// Starts `coherent-bench worker ROLE --channel N ARGUMENTS...` on the processors.
  init(_ role: String, _ arguments: [String] = [], processors: [Int]?) throws {
    let pair = try LocalSocket.pair(kind: .sequentialPacket)
    channel = Channel(LocalSocket(adopting: try pair.first.descriptor.duplicate()))
    var launch = Launch(
      path: try Process.executablePath(),
      arguments: ["worker", role, "--channel", "\(pair.second.raw)"] + arguments)
    launch.inherited = [pair.second.raw]
    launch.processors = processors
    launch.diesWithParentThread = true
    process = try RunningProcess("worker \(role)", launch)
    Leftovers.shared.add(process)
    // Only the child has its end from here on: when it is gone, the channel hangs up.
    _ = consume pair
  }

  /// Kills it; it has nothing to lose.
  func end() throws {
    try process.end(Signal.kill, patienceMilliseconds: -1)
    Leftovers.shared.forget(process)
  }
}

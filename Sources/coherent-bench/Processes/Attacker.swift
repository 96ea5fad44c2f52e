// A client that means harm, out of Tests/Hostile: a program of its own, since it does what no code
// of this package may. It attacks until it is ended.

import CoherentSystem

final class Attacker {
  private let process: RunningProcess
  private let output: Descriptor

  private static let beginMilliseconds: UInt64 = 60_000
  private static let program = "hostile-client"

  /// Every attack that there is.
  static func attacks() throws -> [String] {
    let pipe = try Pipe()
    var launch = Launch(path: try path(), arguments: ["list"])
    launch.standardOutput = pipe.writeEnd.raw
    let child = try Process.spawn(launch)
    let text = try pipe.keepingReadEnd().readToEnd(maximumBytes: 1 << 16)
    _ = try child.wait()
    return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private static func path() throws -> String {
    let path = try RunningProcess.siblingPath(program)
    guard SmallFile.exists(path: path) else {
      throw BenchFailure("there is no \(path): build it (swift build --product \(program))")
    }
    return path
  }

  /// Starts one. Its attack begins when it says so.
  init(_ attack: String, _ daemon: Daemon, asNobody: Bool) throws {
    let pipe = try Pipe()
    var launch = Launch(
      path: try Self.path(),
      arguments: [daemon.socketPath, daemon.controlPath, attack] + (asNobody ? ["nobody"] : []))
    launch.standardOutput = pipe.writeEnd.raw
    // Some of it ends by signals, and is meant to.
    launch.environment = Environment.all() + ["SWIFT_BACKTRACE=enable=no"]
    launch.diesWithParentThread = true
    process = try RunningProcess("the attacker", launch)
    Leftovers.shared.add(process)
    output = pipe.keepingReadEnd()
  }

  /// Waits until it has begun, and calls `tick` meanwhile; false where it lacks something that it
  /// needs, such as the right to connect.
  func hasBegun(_ tick: () throws -> Void) throws -> Bool {
    let deadline = Clock.monotonicNanoseconds() + Self.beginMilliseconds * 1_000_000
    var text = ""
    while !text.contains("\n") {
      guard Clock.monotonicNanoseconds() < deadline else { return true }
      if Readiness.waitReadable(output.raw, timeoutMilliseconds: 0) {
        let some = try output.readSome(maximumBytes: 256)
        if some.isEmpty { return false }
        text += String(decoding: some, as: UTF8.self)
      }
      try tick()
    }
    return text.hasPrefix("begun")
  }

  func end() throws {
    try process.end(Signal.kill, patienceMilliseconds: -1)
    Leftovers.shared.forget(process)
  }
}

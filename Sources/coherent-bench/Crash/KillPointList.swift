// The places at which the daemon can be made to die, by its own word: the program that is measured
// is asked, so the list is that of its version.

import CoherentSystem

enum KillPointList {
  static let variable = "COHERENTD_KILL_POINT"

  private static let maximumBytes = 64 << 10

  static func ofDaemon() throws -> [String] {
    let path = try RunningProcess.siblingPath("coherentd")
    let output = try Pipe()
    var launch = Launch(path: path, arguments: ["--kill-points"])
    launch.standardOutput = output.writeEnd.raw
    let process = try RunningProcess("coherentd", launch)
    let text = try output.keepingReadEnd().readToEnd(maximumBytes: maximumBytes)
    guard try process.wait() == .status(0) else {
      throw BenchFailure("\(path) does not say where it can be made to die")
    }
    return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}

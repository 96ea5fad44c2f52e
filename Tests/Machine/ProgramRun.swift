// One run of a program from start to end, with all that it wrote to both of its outputs.

import CoherentSystem

struct ProgramRun {
  let exit: ChildProcess.Exit
  let output: String

  var isGood: Bool { exit == .status(0) }

  /// Runs it with a bound on its time, as root of the machine, or of a sandbox if the arguments say
  /// so.
  init(_ arguments: [String], environment: [String] = [], seconds: Int = 120) throws {
    let pipe = try Pipe()
    var launch = Launch(
      path: "/usr/bin/timeout", arguments: ["--kill-after=5", "\(seconds)"] + arguments)
    launch.environment = Self.environment + environment
    launch.standardOutput = pipe.writeEnd.raw
    launch.standardError = pipe.writeEnd.raw
    let child = try Process.spawn(launch)
    let written = try pipe.keepingReadEnd().readToEnd(maximumBytes: 16 << 20)
    exit = try child.wait()
    output = String(decoding: written, as: UTF8.self)
  }

  /// What programs of these tests are run with.
  static let environment = [
    "LANG=C.UTF-8", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "NO_COLOR=1", "SYSTEMD_PAGER=",
  ]
}

// One run of the built program, with what it wrote and how it ended.
import CoherentSystem
import TestSupport

struct ProgramRun {
  var status: ChildProcess.Exit
  var output: String
  var complaint: String

  /// The program lies beside the tests, wherever they were built.
  static func path() throws -> String {
    let tests = try Process.executablePath()
    return tests[...tests.lastIndex(of: "/")!] + "coherentctl"
  }

  init(status: ChildProcess.Exit, output: String, complaint: String) {
    self.status = status
    self.output = output
    self.complaint = complaint
  }

  init(
    _ arguments: [String], environment: [String] = [], identity: Launch.Identity? = nil
  ) throws {
    let output = try Pipe()
    let complaint = try Pipe()
    var launch = Launch(path: try Self.path(), arguments: arguments)
    launch.standardOutput = output.writeEnd.raw
    launch.standardError = complaint.writeEnd.raw
    launch.identity = identity
    launch.environment = environment + ["LANG=C.UTF-8"]
    if identity != nil { try ReachableProgram.make(&launch) }
    let child = try Process.spawn(launch)
    let written = try output.keepingReadEnd().readToEnd(maximumBytes: 64 << 20)
    let complained = try complaint.keepingReadEnd().readToEnd(maximumBytes: 1 << 20)
    status = try child.wait()
    self.output = String(decoding: written, as: UTF8.self)
    self.complaint = String(decoding: complained, as: UTF8.self)
  }
}

// One run of a program from start to end, with all that it wrote.

import CoherentSystem
import TestSupport

struct ProgramRun {
  let exit: ChildProcess.Exit
  let output: String
  let complaint: String

  init(
    _ program: BuiltProgram, _ arguments: [String], environment: [String] = [],
    identity: Launch.Identity? = nil, standardOutput: CInt? = nil, limits: String? = nil
  ) throws {
    let output = try Pipe()
    let complaint = try Pipe()
    var launch = try program.launch(arguments, limits: limits)
    launch.environment! += environment
    launch.identity = identity
    if identity != nil { try ReachableProgram.make(&launch) }
    launch.standardOutput = standardOutput ?? output.writeEnd.raw
    launch.standardError = complaint.writeEnd.raw
    let child = try Process.spawn(launch)
    let written = try output.keepingReadEnd().readToEnd(maximumBytes: 16 << 20)
    let complained = try complaint.keepingReadEnd().readToEnd(maximumBytes: 1 << 20)
    exit = try child.wait()
    self.output = String(decoding: written, as: UTF8.self)
    self.complaint = String(decoding: complained, as: UTF8.self)
  }
}

// The built program while it runs, with what it writes, until it ends by itself or by a signal.
import CoherentSystem

struct RunningProgram: ~Copyable {
  private let child: ChildProcess
  private let output: Descriptor
  private let complaint: Descriptor

  init(_ arguments: [String]) throws {
    let output = try Pipe()
    let complaint = try Pipe()
    var launch = Launch(path: try ProgramRun.path(), arguments: arguments)
    launch.standardOutput = output.writeEnd.raw
    launch.standardError = complaint.writeEnd.raw
    launch.environment = ["LANG=C.UTF-8"]
    child = try Process.spawn(launch)
    self.output = output.keepingReadEnd()
    self.complaint = complaint.keepingReadEnd()
  }

  func send(signal: Int32) throws { try child.kill(signal: signal) }

  /// Sends a signal, if there is to be one, and waits for the end.
  consuming func end(signal: Int32? = nil) throws -> ProgramRun {
    if let signal { try child.kill(signal: signal) }
    let written = try output.readToEnd(maximumBytes: 1 << 20)
    let complained = try complaint.readToEnd(maximumBytes: 1 << 20)
    return ProgramRun(
      status: try child.wait(), output: String(decoding: written, as: UTF8.self),
      complaint: String(decoding: complained, as: UTF8.self))
  }
}

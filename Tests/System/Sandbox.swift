// A systemd of its own, booted for one test. Commands run inside it as they would on a machine;
// what they change is gone with it. It ends when the test ends, however that ends.

import CoherentSystem
import Testing

final class Sandbox {
  /// The number of its PID 1, as the machine counts.
  let initProcess: Int32
  private let directory: String
  private var child: ChildProcess?
  /// While it is open, the sandbox lives: the command inside waits for its end.
  private var leash: Descriptor?

  private static let script = "\(Built.repository)/Tests/System/systemd-sandbox"
  /// Another version of systemd: a directory with a whole system, to boot instead of this one.
  private static let tree = Environment.get("COHERENTD_SYSTEM_ROOT").map { ["--root", $0] } ?? []
  private static let bootSeconds = 120

  /// Runs a test in a new sandbox, with coherentd installed unless told otherwise.
  static func with(installed: Bool = true, _ body: (Sandbox) throws -> Void) throws {
    let sandbox = try Sandbox()
    do {
      if installed { try sandbox.install() }
      try body(sandbox)
    } catch {
      let journal = try? sandbox.run("journalctl --no-pager -n 60; systemctl --failed")
      Issue.record("\(error)\nthe journal ends:\n\(journal?.output ?? "")")
    }
    try sandbox.end()
  }

  /// Why there can be none here: tried once, by booting one.
  static func obstacle() -> String? {
    guard Process.effectiveUser == 0 else { return "needs root, to boot a systemd in namespaces" }
    do {
      let run = try ProgramRun(
        [script] + tree + ["--boot-timeout", "\(bootSeconds)", "--", "true"])
      return run.isGood ? nil : Self.sentence(run.output)
    } catch {
      return Self.sentence("\(error)")
    }
  }

  /// One line of what a program wrote in several.
  private static func sentence(_ output: String) -> String {
    output.split(separator: "\n").joined(separator: "; ")
  }

  private init() throws {
    directory = try Directory.createTemporary(prefix: "coherentd-system-")
    let pidFile = "\(directory)/pid"
    var visible = [Built.repository, try Built.debugDirectory(), try Built.products()]
    visible.append(try Built.runtimeDirectory())
    let leash = try Pipe()
    var launch = Launch(
      path: Self.script,
      arguments: Self.tree
        + ["--pid-file", pidFile, "--boot-timeout", "\(Self.bootSeconds)"]
        + visible.flatMap { ["--bind-ro", $0] } + ["--", "cat"])
    launch.environment = ProgramRun.environment
    launch.standardInput = leash.readEnd.raw
    launch.diesWithParentThread = true
    let started = try Process.spawn(launch)
    while !SmallFile.exists(path: pidFile) {
      if started.waitEnded(timeoutMilliseconds: 20) {
        throw TestFailure("the sandbox did not boot: \(try started.wait())")
      }
    }
    let number = try SmallFile.read(path: pidFile, maximumBytes: 32).filter { $0 > 32 }
    initProcess = try #require(Int32(String(decoding: number, as: UTF8.self)))
    child = consume started
    let end = leash.writeEnd
    self.leash = consume end
  }

  /// What runs the arguments inside.
  func entering(_ arguments: [String]) -> [String] {
    let namespaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root"]
    return ["/usr/bin/nsenter", "--target", "\(initProcess)"] + namespaces
      + ["--wd=/proc/\(initProcess)/root", "--"] + arguments
  }

  /// Runs a shell's commands inside, and waits for their end.
  func run(_ commands: String, environment: [String] = []) throws -> ProgramRun {
    try ProgramRun(entering(["/bin/sh", "-c", commands]), environment: environment)
  }

  /// The same for commands that must succeed; what they wrote, without the last line's end.
  @discardableResult
  func done(_ commands: String, environment: [String] = []) throws -> String {
    let run = try run(commands, environment: environment)
    guard run.isGood else { throw TestFailure("\(commands): \(run.exit): \(run.output)") }
    return run.output.hasSuffix("\n") ? String(run.output.dropLast()) : run.output
  }

  /// Waits until commands succeed, with a bound; each attempt starts a process, which is pause
  /// enough.
  func wait(until commands: String, seconds: UInt64 = 60) throws {
    let end = Clock.monotonicNanoseconds() + seconds * 1_000_000_000
    var last = try run(commands)
    while !last.isGood {
      guard Clock.monotonicNanoseconds() < end else {
        throw TestFailure("not after \(seconds) s: \(commands): \(last.output)")
      }
      last = try run(commands)
    }
  }

  /// Waits until the daemon has ended with this status. It is tried again and again, and a try that
  /// is under way has none yet.
  func waitUntilEnded(withStatus status: Int) throws {
    try wait(
      until: "test $(systemctl show --value -p ExecMainStatus coherentd.service) = \(status)")
  }

  /// A property of a unit, as `systemctl show` has it.
  func property(_ name: String, of unit: String = "coherentd.service") throws -> String {
    try done("systemctl show --value --property=\(name) \(unit)")
  }

  private func end() throws {
    leash = nil
    guard let child = child.take() else { return }
    if !child.waitEnded(timeoutMilliseconds: 60_000) {
      Issue.record("the sandbox does not end")
      try child.kill(signal: 15)
    }
    _ = try child.wait()
    try SmallFile.remove(path: "\(directory)/pid")
    try Directory.removeEmpty(path: directory)
  }
}

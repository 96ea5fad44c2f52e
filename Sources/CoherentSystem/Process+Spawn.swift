// Starting programs, and forking for tests of what a fork must not break.

import CLinux
import Glibc

extension Process {
  /// Starts a program: fork(2), execve(2). Throws what kept it from starting (ENOENT, EACCES, EPERM
  /// for an identity that this process may not take).
  package static func spawn(_ launch: Launch) throws(SystemError) -> ChildProcess {
    let report = try Pipe()
    let process = try fork(launch, failureReport: report.writeEnd.raw)
    let child = try ChildProcess(process: process)
    let answer = try report.keepingReadEnd().readToEnd(maximumBytes: 16)
    if answer.isEmpty { return child }
    _ = try child.wait()
    let code = answer.withUnsafeBytes { $0.loadUnaligned(as: CInt.self) }
    throw SystemError(operation: "execve", code: code, context: "of \(launch.path)")
  }

  /// Starts the named program with the arguments, as `Launch` has them by default.
  package static func spawn(
    path: String, arguments: [String] = []
  ) throws(SystemError) -> ChildProcess {
    try spawn(Launch(path: path, arguments: arguments))
  }

  /// Runs `body` in a copy of this process that has this thread only, and ends the copy with what
  /// it returns: fork(2). A lock that another thread holds at that moment, also one inside the
  /// runtime, stays held in the copy for ever: so for tests, in a process whose other threads are
  /// idle.
  package static func fork(_ body: () -> CInt) throws(SystemError) -> ChildProcess {
    let process = try checked("fork") { clinux_fork() }
    if process == 0 { exitAtOnce(body()) }
    return try ChildProcess(process: process)
  }

  /// Lays out in C what the child needs, since it may not allocate.
  private static func fork(
    _ launch: Launch, failureReport: CInt
  ) throws(SystemError) -> pid_t {
    let arguments = CStringArray([launch.path] + launch.arguments)
    var variables = launch.environment ?? Environment.all()
    if !launch.passed.isEmpty {
      variables += [
        "LISTEN_FDS=\(launch.passed.count)",
        "LISTEN_FDNAMES=" + launch.passed.map(\.name).joined(separator: ":"),
        // Its own number is known to the child only, which writes it over the zeros.
        "LISTEN_PID=00000000000000000000",
      ]
    }
    let environment = CStringArray(variables)
    let path = CStringArray([launch.path])
    let affinity = launch.processors.map(ProcessorMask.words) ?? []
    let inherited = launch.inherited
    var passed = launch.passed.map(\.descriptor)
    var plan = clinux_launch()
    plan.path = UnsafePointer(path.pointers[0])
    plan.arguments = UnsafePointer(arguments.pointers)
    plan.environment = UnsafePointer(environment.pointers)
    plan.standard_input = launch.standardInput ?? -1
    plan.standard_output = launch.standardOutput ?? -1
    plan.standard_error = launch.standardError ?? -1
    if let identity = launch.identity {
      plan.change_identity = 1
      plan.user = identity.user
      plan.group = identity.group
    }
    plan.dies_with_parent = launch.diesWithParentThread ? 1 : 0
    plan.failure_report = failureReport
    return try checked("fork", "for \(launch.path)") {
      withExtendedLifetime((arguments, environment, path)) {
        inherited.withUnsafeBufferPointer { inherited in
          passed.withUnsafeMutableBufferPointer { passed in
            affinity.withUnsafeBufferPointer { affinity in
              plan.inherited = inherited.baseAddress
              plan.inherited_count = inherited.count
              plan.passed = passed.baseAddress
              plan.passed_count = passed.count
              plan.process_digits = environment.pointers[variables.count - 1]
                .map { $0 + "LISTEN_PID=".utf8.count }
              plan.affinity = affinity.baseAddress
              plan.affinity_count = affinity.count
              return clinux_launch(&plan)
            }
          }
        }
      }
    }
  }
}

/// Strings as execve(2) takes them: an array of C strings, ended by a null pointer.
private final class CStringArray {
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

  init(_ strings: [String]) {
    pointers = .allocate(capacity: strings.count + 1)
    for (index, string) in strings.enumerated() {
      pointers.advanced(by: index).initialize(to: strdup(string))
    }
    pointers.advanced(by: strings.count).initialize(to: nil)
  }

  deinit {
    var position = pointers
    while let string = position.pointee {
      free(string)
      position += 1
    }
    pointers.deallocate()
  }
}

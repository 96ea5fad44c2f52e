// A program or library of this package, as it was built beside these tests.

import CoherentSystem

enum BuiltProgram: String {
  case daemon = "coherentd"
  case control = "coherentctl"
  case client = "integration-client"
  case bench = "coherent-bench"
  /// No program: a library for LD_PRELOAD.
  case failingReads = "libFailingReads.so"

  /// The tests are an executable themselves, which lies where the programs lie.
  func path() throws -> String {
    let tests = try Process.executablePath()
    let path = tests[...tests.lastIndex(of: "/")!] + rawValue
    guard SmallFile.exists(path: String(path)) else {
      throw TestFailure("\(path) is not there: build it with the tests")
    }
    return String(path)
  }

  /// A launch of it that ends with the test, whatever happens to the test. `limits` is what a shell
  /// sets for it first: "ulimit -f 1".
  func launch(_ arguments: [String], limits: String? = nil) throws -> Launch {
    var launch = Launch(path: try path(), arguments: arguments)
    if let limits {
      launch.arguments = ["-c", "\(limits); exec \"$0\" \"$@\"", launch.path] + arguments
      launch.path = "/bin/bash"
    }
    launch.diesWithParentThread = true
    // Who is meant to crash does so at once, without a backtrace.
    launch.environment = ["LANG=C.UTF-8", "PATH=/usr/bin:/bin", "SWIFT_BACKTRACE=enable=no"]
    return launch
  }
}

/// What the test cannot go on after.
struct TestFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

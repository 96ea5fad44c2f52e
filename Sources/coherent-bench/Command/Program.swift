// One run of the program, from its arguments to its exit status. Whatever it started is gone when
// it ends, also when it fails.

import ArgumentParser
import CoherentSystem

enum Program {
  /// Performs the command and ends the process.
  static func run(_ arguments: [String]) -> Never {
    StandardStreams.complete()
    do {
      var command = try CoherentBench.parseAsRoot(arguments)
      if command is any WorkerRole {
        try command.run()
      } else {
        try Interruption.begin()
        try command.run()
        Leftovers.shared.clear()
      }
    } catch let failure where FailureText.describes(failure) {
      Interruption.settle()
      Leftovers.shared.clear()
      StandardError.write("coherent-bench: \(FailureText.of(failure))\n")
      Process.exit(1)
    } catch {
      end(error)
    }
    Process.exit(0)
  }

  /// Help, version and completion are errors to the parser; so are mistakes in the arguments. Help
  /// that could not be written is a failure.
  private static func end(_ error: any Error) -> Never {
    let text = CoherentBench.fullMessage(for: error) + "\n"
    let status = CoherentBench.exitCode(for: error).rawValue
    guard status == 0 else {
      StandardError.write(text)
      Process.exit(status)
    }
    do throws(SystemError) {
      try StandardOutput.deliver(text)
    } catch {
      StandardError.write("coherent-bench: the output cannot be written: \(error)\n")
      Process.exit(1)
    }
    Process.exit(0)
  }
}

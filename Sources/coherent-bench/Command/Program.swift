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
      // Help, version and completion are errors to the parser; so are mistakes in the arguments.
      CoherentBench.exit(withError: error)
    }
    Process.exit(0)
  }
}

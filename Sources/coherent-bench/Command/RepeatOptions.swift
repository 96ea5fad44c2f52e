// How often a scenario is measured.

import ArgumentParser

struct RepeatOptions: ParsableArguments, Sendable {
  @Option(
    name: .customLong("repeat"),
    help: ArgumentHelp("How often to measure; medians are quoted.", valueName: "n"))
  var repetitions = 5

  func validate() throws {
    guard (1...1000).contains(repetitions) else {
      throw ValidationError("--repeat takes a number from 1 to 1000.")
    }
  }
}

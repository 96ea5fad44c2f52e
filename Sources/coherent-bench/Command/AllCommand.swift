// `coherent-bench all`: one scenario after the other.

import ArgumentParser

struct AllCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all",
    abstract:
      "Measure everything but files, daemon-crash and hostile (the default).")

  static var scenarios: [any Scenario.Type] {
    [
      AccessScenario.self, RequestScenario.self, FaultScenario.self, EvictScenario.self,
      RestoreScenario.self, ManyScenario.self, PressureScenario.self, CoreScenario.self,
      PinScenario.self, ClientCrashScenario.self, OfflineScenario.self,
    ]
  }

  @OptionGroup var options: DaemonOptions
  @OptionGroup var repeating: RepeatOptions

  func run() throws {
    let bench = try Bench(options: options, repetitions: repeating.repetitions)
    for scenario in Self.scenarios { try bench.run(scenario) }
  }
}

// The command of one scenario: `coherent-bench NAME`.

import ArgumentParser

struct ScenarioCommand<Measured: Scenario>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: Measured.name, abstract: Measured.summary)
  }

  @OptionGroup var options: DaemonOptions
  @OptionGroup var repeating: RepeatOptions

  func validate() throws {
    let namesDaemon = options.isForeignDaemon || options.device != nil
    guard Measured.usesDaemon || !namesDaemon else {
      throw ValidationError("\(Measured.name) uses no daemon and no device.")
    }
  }

  func run() throws {
    try Bench(options: options, repetitions: repeating.repetitions).run(Measured.self)
  }
}

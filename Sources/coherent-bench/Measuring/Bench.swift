// What a scenario gets: the options, the processors and a place for its findings. It belongs to the
// main thread, which starts every process: they die with the thread that started them.

import CoherentSystem

final class Bench {
  let options: DaemonOptions
  let repetitions: Int
  let processors: [Int]
  private let presenter: Presenter

  init(options: DaemonOptions, repetitions: Int) throws {
    self.options = options
    self.repetitions = repetitions
    processors = try Thread.affinity()
    presenter = Presenter(isJSON: options.json)
  }

  /// Runs a scenario and shows what it found.
  func run(_ scenario: any Scenario.Type) throws {
    presenter.begin(scenario.name)
    try scenario.measure(self)
    presenter.end()
  }

  func report(_ finding: Finding) { presenter.add(finding) }

  /// The device of a daemon of our own, unless the command line says another size.
  func deviceBytes(otherwise standard: UInt64) -> UInt64 { options.device?.bytes ?? standard }

  /// Where the two sides of a conversation run. A daemon that was running before is not moved.
  var placements: [Placement] {
    options.isForeignDaemon ? [.asFound] : Placement.all(processors: processors)
  }

  /// What a daemon may use for work that its client only waits for.
  var shares: [Placement] {
    options.isForeignDaemon ? [.asFound] : Placement.shares(processors: processors)
  }

  /// The placement for what needs no wake-up: the daemon elsewhere, if there is an elsewhere.
  var quietPlacement: Placement { placements.last! }

  /// Runs `body` with this thread and a daemon placed as said; a daemon of our own is started for
  /// it and stopped afterwards.
  func withDaemon<Result>(
    _ plan: DaemonPlan, at placement: Placement, _ body: (Daemon) throws -> Result
  ) throws -> Result {
    try withThread(at: placement.client) {
      var plan = plan
      if options.hugePages { plan.useHugePages() }
      let daemon = try Daemon.open(plan, options, processors: placement.server)
      let result = try body(daemon)
      try daemon.close()
      return result
    }
  }

  /// Runs `body` while this thread is restricted to the processors, if any are given.
  func withThread<Result>(at wanted: [Int]?, _ body: () throws -> Result) throws -> Result {
    guard let wanted else { return try body() }
    let before = try Thread.affinity()
    try Thread.setAffinity(processors: wanted)
    defer { try? Thread.setAffinity(processors: before) }
    return try body()
  }
}

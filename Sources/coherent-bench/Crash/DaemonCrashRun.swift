// One run of `daemon-crash`: the clients work until the daemon dies, it is started again, and they
// compare everything. A daemon may also die while they compare, at a kill point that is reached
// then; so whoever waits for clients looks after the daemon meanwhile.

import CoherentSystem

final class DaemonCrashRun {
  private let daemon: SupervisedDaemon
  private let crew: WorkerCrew
  private let visitor: Worker
  private var schedule: CrashSchedule
  private var death: CrashSchedule.Death
  private var summary = CrashSummary()
  private var restarts = Sample()
  private var progress = ProgressLine()

  private static let timesDevice: UInt64 = 3
  /// So long a daemon gets to come to its kill point.
  private static let pointMilliseconds: Int32 = 3000
  private static let lookMilliseconds: Int32 = 2
  private static let undisturbedMilliseconds: Int32 = 2000

  init(deviceBytes: UInt64, clients: Int, schedule: CrashSchedule) throws {
    self.schedule = schedule
    daemon = try SupervisedDaemon(
      DaemonPlan(deviceBytes: deviceBytes, hostBytes: deviceBytes * Self.timesDevice * 4))
    guard case .ready = try daemon.start(killPoint: nil) else {
      throw BenchFailure("the daemon was killed before anybody used it")
    }
    crew = try WorkerCrew(
      "survivor", count: clients,
      [
        "--socket", daemon.socketPath, "--length",
        "\(deviceBytes * Self.timesDevice / UInt64(clients))",
      ])
    try crew.wait(for: .ready)
    visitor = try Worker("visitor", ["--socket", daemon.socketPath], processors: nil)
    // The first one dies at random: a kill point can be armed at a start only.
    death = self.schedule.next()
  }

  func perform(rounds: Int) throws -> CrashSummary {
    try round { _ = try daemon.hasDied(withinMilliseconds: Self.undisturbedMilliseconds) }
    summary.undisturbedPauseMilliseconds = summary.longestPauseMilliseconds
    while summary.rounds < rounds {
      try round(awaitDeath)
      summary.setRestarts(restarts)
      progress.show {
        "\(summary.rounds) of \(rounds) deaths, \(summary.updates) updates, bytes lost "
          + "\(summary.bytesLost), updates lost \(summary.updatesLost), longest pause "
          + "\(FindingText.number(summary.longestPauseMilliseconds)) ms"
      }
    }
    progress.end()
    try LossCheck.expectNothingLost(daemon.status())
    try visitor.end()
    try crew.end()
    try daemon.close()
    return summary
  }

  /// The clients work during `body`, and compare everything afterwards.
  private func round(_ body: () throws -> Void) throws {
    try crew.tell("go")
    try crew.wait(for: .working, milliseconds: Self.lookMilliseconds, tick: lookAfterDaemon)
    try body()
    try crew.tell("check")
    try crew.wait(for: .ready, milliseconds: Self.lookMilliseconds, tick: lookAfterDaemon)
    summary.setReports(crew.reports.compactMap(\.survival))
  }

  private func awaitDeath() throws {
    let expected = death
    let rounds = summary.rounds
    let milliseconds: Int32
    switch expected {
    case .atRandom(let afterMilliseconds): milliseconds = Int32(afterMilliseconds)
    case .atPoint: milliseconds = Self.pointMilliseconds
    }
    if try daemon.hasDied(withinMilliseconds: milliseconds) {
      try goOn(wasReached: true)
    } else {
      daemon.kill()
      _ = try daemon.hasDied(withinMilliseconds: -1)
      try goOn(wasReached: expected.killPoint == nil)
    }
    guard summary.rounds > rounds else { throw BenchFailure("a death was not counted") }
  }

  private func lookAfterDaemon() throws {
    if try daemon.hasDied(withinMilliseconds: 0) { try goOn(wasReached: true) }
  }

  /// Notes the death, and starts the next daemon, which may die before it is ready, too.
  private func goOn(wasReached: Bool) throws {
    var wasReached = wasReached
    while true {
      summary.note(death, wasReached: wasReached)
      if !wasReached { schedule.wasNotReached(death) }
      death = schedule.next()
      let start = try daemon.start(killPoint: death.killPoint)
      if case .ready(let milliseconds) = start {
        restarts.add(milliseconds)
        return
      }
      wasReached = true
    }
  }
}

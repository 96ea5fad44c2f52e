// What came of killing the daemon so often. The keys are an interface: scripts read them.

import CoherentControl

struct CrashSummary: Codable, Equatable {
  /// How often the daemon died.
  var rounds = 0
  var bytesLost = 0
  var updatesLost = 0
  /// How often a client's own book and the daemon's differed.
  var discrepancies = 0
  var updates = 0
  var calls = 0
  /// Of a thread that reads and writes memory, and of one call of the library.
  var longestPauseMilliseconds = 0.0
  /// The same before the daemon died for the first time: what pressure and other programs cost.
  var undisturbedPauseMilliseconds = 0.0
  var longestCallMilliseconds = 0.0
  var longestCall = ""
  /// The median and the longest time from the start of a daemon until it was ready.
  var restartMilliseconds = 0.0
  var longestRestartMilliseconds = 0.0
  var points: [String: PointCount] = [:]

  /// How often it died at a point, and how often it was killed because it did not get there.
  struct PointCount: Codable, Equatable {
    var deaths = 0
    var notReached = 0

    enum CodingKeys: String, CodingKey {
      case deaths
      case notReached = "not_reached"
    }
  }

  enum CodingKeys: String, CodingKey {
    case rounds, discrepancies, updates, calls, points
    case bytesLost = "bytes_lost"
    case updatesLost = "updates_lost"
    case longestPauseMilliseconds = "longest_pause_ms"
    case undisturbedPauseMilliseconds = "undisturbed_pause_ms"
    case longestCallMilliseconds = "longest_call_ms"
    case longestCall = "longest_call"
    case restartMilliseconds = "restart_ms"
    case longestRestartMilliseconds = "longest_restart_ms"
  }

  var isClean: Bool { bytesLost == 0 && updatesLost == 0 && discrepancies == 0 }

  mutating func note(_ death: CrashSchedule.Death, wasReached: Bool) {
    rounds += 1
    if wasReached {
      points[death.label, default: PointCount()].deaths += 1
    } else {
      points[death.label, default: PointCount()].notReached += 1
    }
  }

  mutating func setRestarts(_ restarts: Sample) {
    if restarts.isEmpty { return }
    restartMilliseconds = FindingText.rounded(restarts.median)
    longestRestartMilliseconds = FindingText.rounded(restarts.maximum)
  }

  /// Each client's report replaces the one before, so they are added up anew.
  mutating func setReports(_ reports: [SurvivalReport]) {
    bytesLost = reports.reduce(0) { $0 + $1.bytesLost }
    updatesLost = reports.reduce(0) { $0 + $1.updatesLost }
    discrepancies = reports.reduce(0) { $0 + $1.discrepancies }
    updates = reports.reduce(0) { $0 + $1.updates }
    calls = reports.reduce(0) { $0 + $1.calls }
    longestPauseMilliseconds = FindingText.rounded(
      reports.map(\.longestPauseMilliseconds).max() ?? 0)
    let slowest = reports.max { $0.longestCallMilliseconds < $1.longestCallMilliseconds }
    longestCallMilliseconds = FindingText.rounded(slowest?.longestCallMilliseconds ?? 0)
    longestCall = slowest?.longestCall ?? ""
  }

  /// For people.
  var text: String {
    var lines = points.sorted { $0.key < $1.key }.map { name, count in
      let padding = String(repeating: " ", count: max(1, 24 - name.count))
      let rest = count.notReached == 0 ? "" : ", not reached \(count.notReached)"
      return "\(name)\(padding)deaths \(count.deaths)\(rest)"
    }
    lines += [
      "the daemon died \(rounds) times; \(updates) updates and \(calls) calls meanwhile",
      "bytes lost \(bytesLost), updates lost \(updatesLost), double effects \(discrepancies)",
      "longest pause of a thread \(FindingText.number(longestPauseMilliseconds)) ms, before the "
        + "first death \(FindingText.number(undisturbedPauseMilliseconds)) ms",
      "longest call \(FindingText.number(longestCallMilliseconds)) ms (\(longestCall))",
      "restart \(FindingText.number(restartMilliseconds)) ms, at most "
        + "\(FindingText.number(longestRestartMilliseconds)) ms",
    ]
    return lines.joined(separator: "\n") + "\n"
  }
}

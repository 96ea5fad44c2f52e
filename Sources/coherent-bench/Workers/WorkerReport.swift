// What a worker tells its parent, again and again; each report replaces the one before.

import CoherentControl

struct WorkerReport: Codable, Equatable, Sendable {
  enum Stage: String, Codable, Sendable {
    case starting, ready, working, loaded, done, failed
  }

  var stage = Stage.starting
  var files = 0
  var bytes = 0
  /// Files, or words, that did not hold what they should.
  var mismatches = 0
  /// What could not be read, or changed on the disk meanwhile.
  var skipped = 0
  /// Files that were checked.
  var checked = 0
  /// Why it failed, or the first thing that was wrong.
  var message: String?
  /// What a client of a daemon that dies found.
  var survival: SurvivalReport?
}

extension Channel {
  func send(_ report: WorkerReport) throws { try send(JSONCoding.encode(report)) }

  /// Waits for a report; nil when the worker is gone.
  func receiveReport() throws -> WorkerReport? {
    guard let text = try receiveText() else { return nil }
    guard let report = try? JSONCoding.decode(WorkerReport.self, from: Array(text.utf8)) else {
      throw BenchFailure("a worker sent what is no report")
    }
    return report
  }

  /// Tells the parent what went wrong, instead of ending without a word. A parent that is gone
  /// needs no word.
  func reportingFailure(_ body: () throws -> Void) {
    do {
      try body()
    } catch {
      var report = WorkerReport(stage: .failed)
      report.message = FailureText.of(error)
      try? send(report)
      _ = try? receiveText()
    }
  }
}

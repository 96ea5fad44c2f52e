// A reload, asked for by SIGHUP or by an administrator: has the files read again where they were
// read at the start, and applies what can change while clients are connected. It belongs to the
// control loop, so that no client is admitted by half of a configuration; the loop never reads a
// file.

import CoherentCore
import CoherentSystem

final class Reloader {
  /// What came of a reload, for whoever asked for it: sentences.
  struct Outcome: Sendable {
    var changed: [String] = []
    var waiting: [String] = []
    /// If there are any, nothing was changed.
    var problems: [String] = []

    static let stopping = Outcome(problems: ["the daemon is stopping"])
  }

  typealias Answer = @Sendable (Outcome) -> Void

  /// So long the files are waited for.
  private static let readingSeconds: UInt64 = 5

  private let location: ConfigurationLocation
  private let inEffect: ConfigurationInEffect
  private let performer: Performer
  private var reading: ConfigurationReading
  /// What is wrong with the files, as they were read last, in short; nil after a good reload.
  private(set) var complaint: String?

  private let reader = ConfigurationReader()
  /// The reading that is waited for, nil if none is, and until when.
  private var awaited: (number: UInt64, deadlineNanoseconds: UInt64)?
  private var readings: UInt64 = 0
  /// Who waits for the reading, and who came after it had begun.
  private var answers: [Answer] = []
  var latecomers: [Answer] = []

  init(
    location: ConfigurationLocation, reading: ConfigurationReading,
    inEffect: ConfigurationInEffect, performer: Performer, complaint: String?
  ) {
    self.location = location
    self.reading = reading
    self.inEffect = inEffect
    self.performer = performer
    self.complaint = complaint
  }

  // MARK: reading

  /// Files are being read for somebody.
  var isReading: Bool { awaited != nil }

  /// Has the files read; they come by the mailbox. Not nil if that is not possible.
  func begin(_ answers: [Answer], _ now: UInt64) -> Outcome? {
    self.answers = answers
    if reader.isBusy {
      return refuse(["the files of an earlier reload are still being read: reading one hangs"])
    }
    readings += 1
    let number = readings
    let mailbox = performer.mailbox
    do throws(SystemError) {
      try reader.read(location) { mailbox.post(.configurationRead($0, number)) }
    } catch {
      return refuse(["the files cannot be read: \(error)"])
    }
    awaited = (number, now + Self.readingSeconds * 1_000_000_000)
    return nil
  }

  func awaits(_ number: UInt64) -> Bool { awaited?.number == number }

  func isOverdue(_ now: UInt64) -> Bool { awaited.map { now > $0.deadlineNanoseconds } ?? false }

  /// The files do not come.
  func giveUp() -> Outcome {
    awaited = nil
    return refuse(["reading the files has taken longer than \(Self.readingSeconds) s: given up"])
  }

  /// Whatever is being read is of no use any more.
  func forgetReading() { awaited = nil }

  func takeAnswers() -> [Answer] {
    defer { answers = [] }
    return answers
  }

  func takeLatecomers() -> [Answer] {
    defer { latecomers = [] }
    return latecomers
  }

  // MARK: applying

  /// Applies what was read. Effects of the new numbers are performed before it returns.
  func apply(_ files: ConfigurationReading) -> Outcome {
    awaited = nil
    switch ConfigurationReload(
      inEffect: reading, files: files, pageSizeBytes: UInt64(PageSize.bytes))
    {
    case .refused(let problems): return refuse(problems.map(\.description))
    case .accepted(let reading, let changed, let waiting):
      guard let configuration = reading.configuration else {
        invariant(false, "a reading without problems is a configuration")
        return Outcome()
      }
      self.reading = reading
      apply(configuration)
      return report(changed, waiting)
    }
  }

  private func apply(_ configuration: Configuration) {
    inEffect.replace(by: configuration)
    performer.log.setLevel(configuration.logLevel)
    let new = CoreConfiguration(configuration, sessionsAtMost: performer.sessionsAtMost)
    performer.keeper?.ledger.note(hostFrames: new.hostLimitFrames)
    var effects: [Effect] = []
    performer.engine.step(&effects) { core, now, effects in
      core.reconfigure(new, now, &effects)
    }
    performer.perform(&effects)
  }

  private func report(
    _ changed: [ConfigurationReload.Change], _ waiting: [ConfigurationReload.Change]
  ) -> Outcome {
    complaint = nil
    var outcome = Outcome()
    for change in changed {
      outcome.changed.append("\(change.name): \(text(change.old)) is \(text(change.new)) now")
    }
    for change in waiting {
      let sentence =
        "\(change.name) stays at \(text(change.old)) until restart; \(change.new.origin) says "
        + text(change.new)
      performer.log.warning(sentence)
      outcome.waiting.append(sentence)
    }
    performer.log.event(
      .reloaded(changed: changed.map(\.new.quotation), kept: waiting.map(\.name)))
    return outcome
  }

  private func text(_ setting: ConfigurationSetting) -> String {
    let text = setting.value.render()
    return text.isEmpty ? "nothing" : ConfigurationProblem.printable(text)
  }

  private func refuse(_ problems: [String]) -> Outcome {
    complaint = "the last reload was refused, problems: \(problems.count)"
    for problem in problems { performer.log.warning(problem) }
    performer.log.event(.reloadRefused(problems: problems))
    return Outcome(problems: problems)
  }
}

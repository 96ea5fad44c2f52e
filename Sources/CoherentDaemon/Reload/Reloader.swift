// A reload, asked for by SIGHUP or by an administrator: reads the files again where they were read
// at the start, and applies what can change while clients are connected. It belongs to the control
// loop, so that no client is admitted by half of a configuration.

import CoherentCore
import CoherentSystem

final class Reloader {
  /// What came of a reload, for whoever asked for it: sentences.
  struct Outcome: Sendable {
    var changed: [String] = []
    var waiting: [String] = []
    /// If there are any, nothing was changed.
    var problems: [String] = []
  }

  private let location: ConfigurationLocation
  private let inEffect: ConfigurationInEffect
  private let performer: Performer
  private var reading: ConfigurationReading
  /// What is wrong with the files, as they were read last, in short; nil after a good reload.
  private(set) var complaint: String?

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

  /// Reads and applies. Effects of the new numbers are performed before it returns.
  func reload() -> Outcome {
    let pageSizeBytes = UInt64(PageSize.bytes)
    switch ConfigurationReload(
      inEffect: reading, files: location.read(pageSizeBytes: pageSizeBytes),
      pageSizeBytes: pageSizeBytes)
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

// What becomes of a configuration that was read again, beside the one in effect: which values
// change, and which have to wait for the next start. It is pure. Either all that can change is
// taken, or nothing is: a reload with any mistake leaves everything as it was.

package enum ConfigurationReload: Sendable {
  case refused([ConfigurationProblem])
  /// What is in effect from now on, what of it is new, and what was wanted and has to wait.
  case accepted(ConfigurationReading, changed: [Change], waiting: [Change])

  /// One setting: as it was, and as the files have it now.
  package struct Change: Equatable, Sendable {
    package let old: ConfigurationSetting
    package let new: ConfigurationSetting

    /// The section and the name, "[Region] Blocks".
    package var name: String { "[\(old.key.row.section)] \(old.key.row.name)" }
  }

  package init(
    inEffect: ConfigurationReading, files: ConfigurationReading, pageSizeBytes: UInt64
  ) {
    guard files.problems.isEmpty else {
      self = .refused(files.problems)
      return
    }
    var changed: [Change] = []
    var waiting: [Change] = []
    var settings: [ConfigurationSetting] = []
    for (old, new) in zip(inEffect.settings, files.settings) {
      settings.append(new.key.row.canReload || new.value == old.value ? new : old)
      guard new.value != old.value else { continue }
      if new.key.row.canReload {
        changed.append(Change(old: old, new: new))
      } else {
        waiting.append(Change(old: old, new: new))
      }
    }
    // New values must fit to those that stay, too: a run of frames to the frame's old size.
    let merged = ConfigurationReading(settings: settings, pageSizeBytes: pageSizeBytes)
    guard merged.problems.isEmpty else {
      self = .refused(merged.problems.map { $0.adding("as long as nothing is restarted") })
      return
    }
    self = .accepted(merged, changed: changed, waiting: waiting)
  }
}

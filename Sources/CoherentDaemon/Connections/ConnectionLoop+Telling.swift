// What the supervisor could not be told yet is tried again by the control loop, in each round and
// at least ten times a second, and the log says when that lasts: descriptors that wait here would
// not survive the daemon.

import CoherentSystem
import CoherentWire

extension ConnectionLoop {
  /// Longer than a busy supervisor takes.
  private static let silenceNanoseconds: UInt64 = 1_000_000_000

  /// Messages wait for the supervisor.
  var isUntold: Bool { Notifier.shared?.hasWaiting == true || hasToldOfSilence }

  func retryTelling() {
    guard let notifier = Notifier.shared else { return }
    notifier.retry()
    for failure in notifier.takeFailures() { performer.log.error(failure) }
    let condition = notifier.condition
    if condition.waiting == 0 {
      guard hasToldOfSilence else { return }
      hasToldOfSilence = false
      performer.log.notice("the supervisor has taken everything that it was to be told")
    } else if !hasToldOfSilence {
      let now = Clock.monotonicNanoseconds()
      guard now >= condition.sinceNanoseconds + Self.silenceNanoseconds else { return }
      hasToldOfSilence = true
      let waiting = PluralText.count(UInt64(condition.waiting), "message")
      let unstored =
        condition.unstored == 0
        ? ""
        : "; \(condition.unstored) of them are to store descriptors, which would not survive this"
          + " daemon now"
      performer.log.warning(
        "the supervisor takes no messages: \(waiting) waiting, it is tried again" + unstored)
    }
  }
}

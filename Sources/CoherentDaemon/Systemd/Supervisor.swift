// What the daemon tells systemd, and what systemd hands to it: sd_notify(3) by the notifier, which
// never waits, and the rest by libsystemd. Without a supervisor every call does nothing.

import CSystemd
import Glibc

enum Supervisor {
  /// The service is up, or a reload is over: sd_notify(3).
  static func ready(status: String) { notify(.step, "READY=1\nSTATUS=\(status)") }

  /// A reload begins. The time tells the supervisor which signal it belongs to.
  static func reloading(atNanoseconds now: UInt64) {
    notify(
      .step,
      "RELOADING=1\nMONOTONIC_USEC=\(now / 1000)\nSTATUS=reloading the configuration")
  }

  /// The end has begun, and may take so long.
  static func stopping(withinNanoseconds nanoseconds: UInt64, status: String) {
    notify(
      .step,
      "STOPPING=1\nEXTEND_TIMEOUT_USEC=\(nanoseconds / 1000)\nSTATUS=\(status)")
  }

  static func status(_ text: String) { notify(.state("STATUS"), "STATUS=\(text)") }

  /// The daemon is alive.
  static func alive() { notify(.state("WATCHDOG"), "WATCHDOG=1") }

  /// What goes on now may take so much longer, from this moment on.
  static func extendTimeout(nanoseconds: UInt64, status: String) {
    notify(
      .state("EXTEND_TIMEOUT"),
      "EXTEND_TIMEOUT_USEC=\(nanoseconds / 1000)\nSTATUS=\(status)")
  }

  /// How long the supervisor waits for a sign of life before it acts, nil if it expects none of
  /// this process: sd_watchdog_enabled(3).
  static func watchdogNanoseconds() -> UInt64? {
    var microseconds: UInt64 = 0
    guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
    let (nanoseconds, overflow) = microseconds.multipliedReportingOverflow(by: 1000)
    return overflow ? nil : nanoseconds
  }

  /// The descriptors that were passed, with their names: sd_listen_fds_with_names(3).
  static func passedDescriptors() -> [(name: String, descriptor: CInt)] {
    var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    let count = sd_listen_fds_with_names(1, &names)
    guard count > 0, let names else { return [] }
    var descriptors: [(name: String, descriptor: CInt)] = []
    for index in 0..<Int(count) {
      // SAFETY: the array holds `count` strings of malloc, which we own now.
      guard let name = names[index] else { continue }
      descriptors.append((String(cString: name), CInt(3 + index)))
      free(name)
    }
    free(names)
    return descriptors
  }

  private static func notify(_ kind: Notifier.Kind, _ text: String) {
    Notifier.shared?.tell(kind, text)
  }
}

// The daemon as it is installed, under a real systemd, which Tests/System/systemd-sandbox boots in
// namespaces of its own: the machine's PID 1 may be anything, and nothing of it is changed. One
// test after the other, each in a sandbox of its own.

import CoherentSystem
import Testing

@Suite(.serialized) enum SystemTests {
  /// Why no sandbox can be booted here; nil where it can.
  static let obstacle: String? = Sandbox.obstacle()

  /// What is said of tests that are skipped.
  static let reason: Comment = "needs systemd-in-namespaces: \(obstacle ?? "it is there")"
}

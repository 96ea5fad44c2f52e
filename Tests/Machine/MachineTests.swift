// The daemon in a machine whose memory comes and goes: QEMU, which needs neither root nor any
// virtualisation of the processor, with a kernel of Debian's and our own programs and nothing else.
// One guest after the other, each for one test.

import Testing

@Suite(.serialized) enum MachineTests {
  /// Why no machine can be had here; nil where it can.
  static let obstacle: String? = Built.obstacle()

  /// What is said of tests that are skipped.
  static let reason: Comment = "\(obstacle ?? "")"
}

// Descriptors that the supervisor keeps for the next daemon: sd_notify(3), FDSTORE. All of a
// session have one name, so that one message drops them; what each is, the next daemon finds out.
//
// A stored descriptor can vanish without a word: where the store is full, and where a socket's peer
// hangs up, which is wanted. So the number of sessions is bounded before, and what is stored can be
// compared with what is expected.

import CSystemd
import CoherentSystem

enum DescriptorStore {
  /// Whether there is a supervisor that may keep any.
  static var isThere: Bool {
    Environment.get("NOTIFY_SOCKET") != nil && maximumSessions > 0
  }

  /// Beyond this many a store gets slow, and starting the daemon with them fragile.
  private static let usableDescriptors = 1500
  /// For the region, the ledger, and what other versions may add.
  private static let descriptorsInCommon = 8
  /// Socket, userfaultfd, memory file, table.
  static let descriptorsPerSession = 4

  /// How many sessions survive the daemon: as many as the store has room for, which a supervisor
  /// that says so has in FDSTORE.
  static var maximumSessions: Int {
    let limit = Environment.get("FDSTORE").flatMap { Int($0) } ?? usableDescriptors
    return max(
      0, (min(limit, usableDescriptors) - descriptorsInCommon) / descriptorsPerSession)
  }

  /// Hands copies over, under a name: sd_pid_notify_with_fds(3). `drops`: the supervisor lets go of
  /// them when they report a hang-up or an error.
  static func put(_ descriptors: [CInt], name: String, drops: Bool) {
    let state = "FDSTORE=1\nFDNAME=\(name)" + (drops ? "" : "\nFDPOLL=0")
    _ = sd_pid_notify_with_fds(0, 0, state, descriptors, UInt32(descriptors.count))
  }

  /// Drops all of a name.
  static func remove(name: String) { _ = sd_notify(0, "FDSTOREREMOVE=1\nFDNAME=\(name)") }

  /// Waits until the supervisor has heard everything: sd_notify_barrier(3). Bounded.
  static func settle() { _ = sd_notify_barrier(0, barrierMicroseconds) }

  private static let barrierMicroseconds: UInt64 = 5_000_000
}

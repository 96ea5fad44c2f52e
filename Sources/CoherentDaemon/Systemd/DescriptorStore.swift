// Descriptors that the supervisor keeps for the next daemon: sd_notify(3), FDSTORE. All of a
// session have one name, so that one message drops them; what each is, the next daemon finds out.
//
// A stored descriptor can vanish without a word: where the store is full, and where a socket's peer
// hangs up, which is wanted. So the number of sessions is bounded before, and what is stored can be
// compared with what is expected.

import CoherentSystem

enum DescriptorStore {
  /// Whether there is a supervisor that may keep any.
  static var isThere: Bool {
    Notifier.shared != nil && maximumSessions > 0
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

  /// Hands copies over, under a name: sd_notify(3), FDSTORE. Where the supervisor has no room for
  /// the message, they are sent later. `drops`: the supervisor lets go of them when they report a
  /// hang-up or an error. False where there is no room for them here either.
  static func put(_ descriptors: [CInt], name: String, drops: Bool) -> Bool {
    let state = "FDSTORE=1\nFDNAME=\(name)" + (drops ? "" : "\nFDPOLL=0")
    return Notifier.shared?.store(descriptors, name: name, state) ?? true
  }

  /// Drops all of a name.
  static func remove(name: String) {
    Notifier.shared?.remove(name: name, "FDSTOREREMOVE=1\nFDNAME=\(name)")
  }

  /// Waits until the supervisor has heard everything, for a bounded time.
  static func settle() {
    guard let notifier = Notifier.shared else { return }
    let deadline = Clock.monotonicNanoseconds() + settleNanoseconds
    _ = notifier.settle(untilNanoseconds: deadline)
  }

  private static let settleNanoseconds: UInt64 = 2_000_000_000
}

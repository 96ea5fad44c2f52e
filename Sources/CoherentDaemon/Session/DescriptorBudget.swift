// How many sessions the daemon's descriptors are enough for, so that what the configuration
// promises can be kept: descriptors that run out would hit whoever comes next, administrators too.

import CoherentSystem

package enum DescriptorBudget {
  /// Of an attached session: its socket, its process, its memory file, its table, its userfaultfd,
  /// and what its pager waits with and is woken by. A test counts them.
  package static let perSession = 7
  /// For all together: the region, the sockets, timers, administrators, and those who are not
  /// admitted yet.
  package static let inCommon = 64

  /// What so many descriptors are enough for; nil for no limit.
  package static func sessions(descriptors: UInt64?) -> Int {
    guard let descriptors else { return .max }
    return max((Int(clamping: descriptors) - inCommon) / perSession, 1)
  }

  /// What is needed for so many.
  package static func descriptors(sessions: UInt64) -> UInt64 {
    UInt64(inCommon) + sessions * UInt64(perSession)
  }

  /// As far as this process may raise its limit by itself, as the daemon does at its start.
  static var sessionsAtMost: Int { sessions(descriptors: ResourceLimit.descriptors.highest) }
}

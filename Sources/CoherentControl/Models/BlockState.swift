// The state of a memory block, as a word: those of the kernel's memory hotplug. An open set, as
// `ReportState` is.

package struct BlockState: RawRepresentable, Hashable, Codable, Sendable {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }

  /// It is known, and holds nothing.
  package static let offline = BlockState(rawValue: "offline")
  /// Its memory is committed, and given out.
  package static let online = BlockState(rawValue: "online")
  /// Nothing new gets into it, and what is in it leaves.
  package static let goingOffline = BlockState(rawValue: "going-offline")
}

/// How a try to take a block offline ended, if it did not succeed. An open set.
package struct BlockFailure: RawRepresentable, Hashable, Codable, Sendable {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }

  package static let timedOut = BlockFailure(rawValue: "timed-out")
  package static let cancelled = BlockFailure(rawValue: "cancelled")
}

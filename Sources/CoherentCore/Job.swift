// Work that the core hands to a pager: a run of frames of one session and what to do with them.
// A pager does one job of a session at a time, in the order in which they were handed out, and
// says afterwards what became of it. The core never waits for it.

import CoherentWire

package struct Job: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    /// Write-protect, copy to the host store (unless the copy there is current), commit, punch,
    /// wake whoever waits.
    case evict(copies: Bool)
    /// Fill the arena from the host store (or with zeros), commit, map, wake.
    case restore(FillSource)
    /// Punch the run out of the arena and the host store: its contents are no longer needed.
    case discard
    /// The same; its allocation is gone.
    case release
  }

  package var kind: Kind
  package var session: SessionID
  package var first: Int
  package var count: Int
  /// What a restore fills the arena with.
  package var target = FillTarget.host
  /// The block that it empties, if it is for that.
  package var block: Int?
  /// The request that asked for it, if it wants to hear of this very job.
  var waiter: UInt64?
  /// Why it is done, for the history.
  var origin = Origin()

  package var end: Int { first + count }
}

package enum FillSource: UInt8, Equatable, Sendable {
  case zero
  case store
}

/// What to do about a fault: the frames to fill and map before the thread that waits goes on.
package struct FillOrder: Equatable, Sendable {
  package var first: Int
  package var count: Int
  package var source: FillSource
  /// Map without write permission: the host store's copy stays current until the first write.
  package var writeProtected: Bool
  package var target = FillTarget.device(.unbound)

  package var end: Int { first + count }
}

/// What to do about copies in the host store that are out of date.
package enum StaleCopies: Equatable, Sendable {
  case drop(Range<Int>)
  /// There are some; ask again in a while.
  case keep
  case none
}

package enum FaultDecision: Equatable, Sendable {
  case fill(FillOrder)
  /// The frame is resident: map it. `unprotects` lifts the write protection first. What its client
  /// took out of its own file is filled with the target's memory.
  case map(writeProtected: Bool, unprotects: Bool, target: FillTarget = .device(.unbound))
  /// A migration of the frame is under way; its end wakes the thread.
  case wait
  /// Nothing is allocated there: the access must fail loudly.
  case poison
  /// What lay there is lost: the access must fail loudly, and never read zeros.
  case lost
}

// One pin as the administrator sees it: who holds what, since when, until when, and who waits for
// it. Taken under the lock and made into text outside it.

import CoherentWire

package struct PinStatus: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    /// A lease that was asked for by a request.
    case request
    /// All pins that a control word counts; the core knows of them by looking.
    case fast
    /// In host memory, without an end.
    case longTerm
  }

  package var kind: Kind
  package var session: SessionID
  package var process: UInt32
  package var handle: HandleID
  /// In its allocation.
  package var firstFrame: Int
  package var frames: Int
  /// How many pins this stands for.
  package var count = 1
  /// When it was granted. Of fast pins when the newest was seen first: it is that old at least.
  package var since: Instant
  package var until: Instant
  /// How many pins were new since a first one, each before the one before it was long over.
  package var renewals: UInt64
  /// How many requests wait for it; the first few of them.
  package var waiting = 0
  package var waiters: [WaiterStatus] = []
}

/// One request that waits for a pin to end.
package struct WaiterStatus: Equatable, Sendable {
  package enum Wish: Equatable, Sendable {
    case allocate
    case migrate(MigrationTarget)
  }

  /// Who asked: nil for an administrator.
  package var session: SessionID?
  package var process: UInt32
  package var wish: Wish
  package var frames: Int
  package var since: Instant
  package var until: Instant
}

/// What a control word says of the pins in it.
package struct FastPins: Equatable, Sendable {
  package var epoch: UInt32
  package var count: Int

  package init(epoch: UInt32, count: Int) {
    self.epoch = epoch
    self.count = count
  }
}

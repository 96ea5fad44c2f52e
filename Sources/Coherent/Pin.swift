// A pin that is held: a value with one owner, which releases it when it ends, so that none leaks.

import CoherentWire

/// The promise that a range is resident and does not move, until the lease ends.
///
/// Released by `release()`, or when the value goes. After the lease has run out the memory may
/// move; the pointer is good as ever.
public struct Pin: ~Copyable, Sendable {
  /// The lease that the daemon granted, counted from the grant.
  public let lease: Duration

  private let id: PinID
  private let session: Session
  private var isReleased = false

  init(session: Session, id: PinID, leaseMilliseconds: UInt32) {
    self.session = session
    self.id = id
    self.lease = .milliseconds(Int64(leaseMilliseconds))
  }

  deinit {
    // Whoever wants to know whether the lease held calls `release`.
    if !isReleased { _ = try? session.call(.unpin(id)) }
  }

  /// Ends the pin. Throws `leaseExpired` if the lease ran out before, so that the memory may have
  /// moved meanwhile. One round trip.
  public consuming func release() throws(CoherentError) {
    isReleased = true
    let reply = try session.call(.unpin(id))
    guard case .unpinned = reply else { unreachableReply(reply) }
  }
}

// A pin that is held: a value with one owner, which releases it when it ends, so that none leaks.

import CoherentShared
import CoherentWire

/// The promise that a range is resident and does not move, until the lease ends.
///
/// Released by `release()`, or when the value goes. After the lease has run out the memory may
/// move; the pointer is good as ever.
public struct Pin: ~Copyable, Sendable {
  @usableFromInline let buffer: Buffer
  @usableFromInline let grant: PinGrant
  @usableFromInline var isReleased = false

  @inlinable
  init(buffer: Buffer, grant: PinGrant) {
    self.buffer = buffer
    self.grant = grant
  }

  @inlinable
  deinit {
    // Whoever wants to know whether the lease held calls `release`.
    if !isReleased { _ = try? buffer.end(grant) }
  }

  /// The lease that the daemon granted, counted from the grant; nil for a long-term pin, which has
  /// none, and for memory whose daemon has gone. It may be longer than what was asked for, never
  /// shorter.
  public var lease: Duration? {
    switch grant {
    case .fast: .milliseconds(buffer.session.welcome.defaultLeaseMilliseconds)
    case .short(_, let leaseMilliseconds): .milliseconds(leaseMilliseconds)
    case .longTerm, .own: nil
    }
  }

  /// How many frames had to leave the device for a long-term pin; 0 for any other.
  public var movedFrames: Int {
    if case .longTerm(_, let movedFrames) = grant { return Int(movedFrames) }
    return 0
  }

  /// Whether it was taken, and will end, without a message.
  package var isFast: Bool {
    if case .fast = grant { return true }
    return false
  }

  /// Ends the pin. Throws `leaseExpired` if the lease ran out before, so that the memory may have
  /// moved meanwhile, `invalidRange` if the buffer was freed before. One compare-and-swap, or one
  /// round trip if the pin was asked for or somebody waits for its end.
  @inlinable @inline(__always)
  public consuming func release() throws(CoherentError) {
    isReleased = true
    try buffer.end(grant)
  }
}

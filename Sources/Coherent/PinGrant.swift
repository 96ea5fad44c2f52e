// What a pin was granted as, which decides how it ends.

import CoherentShared

@usableFromInline
enum PinGrant: Sendable {
  /// Counted in the allocation's control word; no message says that it began or ended.
  case fast(ControlWord.Token)
  /// Asked for and numbered, with the lease that the daemon granted.
  case short(UInt64, leaseMilliseconds: UInt32)
  /// Asked for and numbered, in host memory; so many frames had to move.
  case longTerm(UInt64, movedFrames: UInt32)
  /// There is no daemon, and the memory moves no more.
  case own
}

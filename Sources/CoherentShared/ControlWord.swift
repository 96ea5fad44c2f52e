// The word by which a client pins one allocation without asking, and by which the daemon takes that
// right back. This is the value of the word and nothing else: every operation here is a pure
// function from one value to the next, so that memory, simulator and model agree on what they mean.
//
//   63        40 39         20 19      16 15      0
//   | epoch     | revocations | . V E R  | count   |
//     24 bits     20 bits       4 flags    16 bits
//
//   count        fast pins that are held
//   R resident   fast pins are allowed                            written by the daemon only
//   E evicting   an eviction waits: new pins are requests         written by the daemon only
//   V revoked    the last holders were revoked; says, decides nothing       the daemon only
//   revocations  +1 with every revocation and closing             written by the daemon only
//   epoch        +1 with every fast pin                           written by the client only
//
// Law: while the client keeps to this, `count` is the number of tokens that were handed out with the
// present `revocations` and not yet returned, and a word without R counts none. A client that does
// not keep to it ends its own pins early or makes an eviction from itself wait for one lease; every
// value of 64 bits is a word, and no operation traps on any.

/// The value of one control word.
package struct ControlWord: Hashable, Sendable {
  package let rawValue: UInt64

  @inlinable
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// What no client has pinned and none may pin fast: zeros, as the file begins.
  package static let closed = ControlWord(rawValue: 0)

  /// Fast pins that are held.
  @inlinable
  package var count: UInt16 { UInt16(truncatingIfNeeded: rawValue) }

  /// Whether fast pins are allowed, unless an eviction waits.
  @inlinable
  package var isResident: Bool { rawValue & Self.residentBit != 0 }

  /// Whether an eviction waits for the pins to end.
  @inlinable
  package var isEvicting: Bool { rawValue & Self.evictingBit != 0 }

  /// Whether the last holders were revoked.
  @inlinable
  package var isRevoked: Bool { rawValue & Self.revokedBit != 0 }

  /// How often pins were revoked or the word closed, modulo 2^20.
  @inlinable
  package var revocations: UInt32 {
    UInt32(truncatingIfNeeded: rawValue >> Self.revocationsShift) & Self.revocationsMask
  }

  /// How many fast pins there ever were, modulo 2^24. While it stays the same no pin is new.
  @inlinable
  package var epoch: UInt32 { UInt32(truncatingIfNeeded: rawValue >> Self.epochShift) }

  // The numbers of the picture. The fingerprint is made of them.
  package static let maximumCount = UInt16.max
  @usableFromInline static let countMask: UInt64 = 0xffff
  @usableFromInline static let residentBit: UInt64 = 1 << 16
  @usableFromInline static let evictingBit: UInt64 = 1 << 17
  @usableFromInline static let revokedBit: UInt64 = 1 << 18
  @usableFromInline static let revocationsShift: UInt64 = 20
  @usableFromInline static let revocationsMask: UInt32 = 0xf_ffff
  @usableFromInline static let epochShift: UInt64 = 40
}

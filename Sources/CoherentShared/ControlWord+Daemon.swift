// What the daemon does to a word: it opens it, takes it back before an eviction, and ends its pins.
// Nothing here may believe what the word says of anything but the client's own pins.

extension ControlWord {
  package enum TakeOutcome: Hashable, Sendable {
    /// No pin is held, and none can be taken fast: the frames may go.
    case taken
    /// Pins are held. The last to go says so, and the epoch stands still from here on.
    case pinned(count: UInt16, epoch: UInt32)
  }

  package enum ExpireOutcome: Hashable, Sendable {
    /// The pins had all been held for a lease: so many were revoked, and the word is closed.
    case revoked(count: UInt16)
    /// A pin was taken since that epoch, or none is held any more. Nothing was changed.
    case renewed
  }

  /// Allows fast pins; none is held. Tokens from before stay as valid or stale as they were.
  package func opened() -> ControlWord {
    ControlWord(rawValue: withoutPins().rawValue | Self.residentBit)
  }

  /// Forbids fast pins if none is held; else lets no new one begin.
  package func taking() -> (after: ControlWord, outcome: TakeOutcome) {
    if count != 0 {
      let after = ControlWord(rawValue: rawValue | Self.evictingBit)
      return (after, .pinned(count: count, epoch: epoch))
    }
    let cleared = rawValue & ~(Self.residentBit | Self.evictingBit)
    return (ControlWord(rawValue: cleared), .taken)
  }

  /// Ends every pin: their tokens are stale from here on.
  package func revoked() -> ControlWord {
    ControlWord(rawValue: closing().rawValue | Self.revokedBit)
  }

  /// Ends every pin if none is younger than `seenEpoch`, the epoch that was seen a lease ago.
  package func expiring(seenEpoch: UInt32) -> (after: ControlWord, outcome: ExpireOutcome) {
    if epoch != seenEpoch || count == 0 { return (self, .renewed) }
    return (revoked(), .revoked(count: count))
  }

  /// The end of the allocation: closed, and every token that is still about is stale.
  package func closing() -> ControlWord {
    let next = UInt64((revocations &+ 1) & Self.revocationsMask) << Self.revocationsShift
    let others = withoutPins().rawValue & ~(UInt64(Self.revocationsMask) << Self.revocationsShift)
    return ControlWord(rawValue: others | next)
  }

  /// Epoch and revocations alone.
  private func withoutPins() -> ControlWord {
    ControlWord(rawValue: (rawValue >> Self.revocationsShift) << Self.revocationsShift)
  }
}

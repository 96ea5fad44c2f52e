// What a client does to a word: it pins and unpins. Nothing here may touch a flag or the number of
// revocations; those are the daemon's.

extension ControlWord {
  /// What a holder keeps of its pin: under which number of revocations it began.
  package struct Token: Hashable, Sendable {
    package let revocations: UInt32

    @inlinable
    package init(revocations: UInt32) { self.revocations = revocations }
  }

  package enum PinOutcome: Hashable, Sendable {
    case pinned(Token)
    /// Not open, an eviction waits, or the count is full: the daemon decides.
    case needsRequest
  }

  package enum UnpinOutcome: Hashable, Sendable {
    case unpinned
    /// It was the last, and an eviction waits for it: the daemon is to be told.
    case lastUnderEviction
    /// The pin had been revoked, or its allocation was freed. Nothing was changed.
    case leaseExpired
    /// The word counts no pins: this client spoilt it. Nothing was changed.
    case notPinned
  }

  /// One more pin, if one may be taken without asking.
  @inlinable
  package func pinning() -> (after: ControlWord, outcome: PinOutcome) {
    let flags = rawValue & (Self.residentBit | Self.evictingBit)
    if flags != Self.residentBit || count == Self.maximumCount { return (self, .needsRequest) }
    // The epoch is the topmost field, so its carry leaves the word.
    let after = ControlWord(rawValue: (rawValue &+ 1) &+ (1 << Self.epochShift))
    return (after, .pinned(Token(revocations: revocations)))
  }

  /// One pin less, if it is one of those that the word counts.
  @inlinable
  package func unpinning(_ token: Token) -> (after: ControlWord, outcome: UnpinOutcome) {
    if revocations != token.revocations { return (self, .leaseExpired) }
    if count == 0 { return (self, .notPinned) }
    let after = ControlWord(rawValue: rawValue &- 1)
    return (after, count == 1 && isEvicting ? .lastUnderEviction : .unpinned)
  }
}

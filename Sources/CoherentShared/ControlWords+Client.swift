// The client's two operations on shared memory, by slot.

extension ControlWords {
  /// The word of a slot. Whoever keeps it keeps this, too.
  @inlinable
  package func place(slot: ControlSlot) -> ControlWordPlace { ControlWordPlace(word: word(slot)) }

  /// Pins the allocation of a slot, if that needs nobody's consent.
  @inlinable
  package func pin(slot: ControlSlot) -> ControlWord.PinOutcome { place(slot: slot).pin() }

  /// Ends a pin. After `.lastUnderEviction` the caller tells the daemon.
  @inlinable
  package func unpin(slot: ControlSlot, token: ControlWord.Token) -> ControlWord.UnpinOutcome {
    place(slot: slot).unpin(token)
  }
}

// The client's two operations on shared memory: one compare-and-swap each when nobody interferes,
// and no system call. Lock-free: a try fails only because another thread's or the daemon's worked.

import Synchronization

extension ControlWords {
  /// Pins the allocation of a slot, if that needs nobody's consent.
  @inlinable
  package func pin(slot: ControlSlot) -> ControlWord.PinOutcome {
    let word = word(slot)
    // Relaxed: the compare-and-swap tests the value again, and a refusal promises nothing.
    var now = ControlWord(rawValue: word.pointee.load(ordering: .relaxed))
    while true {
      let (after, outcome) = now.pinning()
      guard case .pinned = outcome else { return outcome }
      // Acquiring: what the holder does with the memory comes after the pin, and after the restore
      // that came before the daemon opened the word.
      let (exchanged, original) = word.pointee.weakCompareExchange(
        expected: now.rawValue, desired: after.rawValue,
        successOrdering: .acquiring, failureOrdering: .relaxed)
      if exchanged { return outcome }
      now = ControlWord(rawValue: original)
    }
  }

  /// Ends a pin. After `.lastUnderEviction` the caller tells the daemon.
  @inlinable
  package func unpin(slot: ControlSlot, token: ControlWord.Token) -> ControlWord.UnpinOutcome {
    let word = word(slot)
    // Relaxed: the compare-and-swap tests the value again. What is stale stays stale, since the
    // number of revocations only grows.
    var now = ControlWord(rawValue: word.pointee.load(ordering: .relaxed))
    while true {
      let (after, outcome) = now.unpinning(token)
      if after == now { return outcome }
      // Releasing: what the holder did with the memory comes before the daemon can take the word.
      let (exchanged, original) = word.pointee.weakCompareExchange(
        expected: now.rawValue, desired: after.rawValue,
        successOrdering: .releasing, failureOrdering: .relaxed)
      if exchanged { return outcome }
      now = ControlWord(rawValue: original)
    }
  }
}

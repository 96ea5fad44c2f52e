// The client's view of one control word: one compare-and-swap for each of its operations when
// nobody interferes, and no system call. Lock-free: a try fails only because another thread's or
// the daemon's worked. It is a plain address, so that a pin costs no reference count; whoever keeps
// one keeps the `ControlWords` that it came from, too.

import Synchronization

/// Where a word stands, and what its client does there.
@usableFromInline
package struct ControlWordPlace: @unchecked Sendable {
  // SAFETY: a word inside the mapping of the `ControlWords` that made this, which its holder keeps;
  // it is only ever accessed as an atomic, and any 64 bits are a valid value of it.
  @usableFromInline let word: UnsafeMutablePointer<Atomic<UInt64>>

  @inlinable
  init(word: UnsafeMutablePointer<Atomic<UInt64>>) { self.word = word }

  /// Pins the allocation, if that needs nobody's consent.
  @inlinable @inline(__always)
  package func pin() -> ControlWord.PinOutcome {
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
  @inlinable @inline(__always)
  package func unpin(_ token: ControlWord.Token) -> ControlWord.UnpinOutcome {
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

// The daemon's operations on shared memory. Each ends after a bounded number of steps whatever the
// client does there meanwhile: a client that writes a word in a loop must not hold the daemon. Two
// daemon threads never work on one word at once; the core orders them.

import CoherentSystem
import Synchronization

extension ControlWords {
  /// Allows fast pins of a slot whose word is closed. The frames are resident by now.
  package func open(slot: ControlSlot) {
    let word = word(slot)
    // Relaxed, and no compare-and-swap: no client writes a closed word.
    let now = ControlWord(rawValue: word.pointee.load(ordering: .relaxed))
    // Releasing: what was restored into the memory comes before the first pin.
    word.pointee.store(now.opened().rawValue, ordering: .releasing)
  }

  /// Takes the word before an eviction. Pinned it stays open to its holders, and to nobody new.
  ///
  /// A client that changes the word under every one of the tries is answered `.pinned` without
  /// having been shut out; `revoke`, at the end of the lease, does not depend on its consent.
  package func take(slot: ControlSlot) -> ControlWord.TakeOutcome {
    let word = word(slot)
    // Relaxed: the compare-and-swap tests the value again.
    var now = ControlWord(rawValue: word.pointee.load(ordering: .relaxed))
    for _ in 0..<Self.maximumTries {
      let (after, outcome) = now.taking()
      // Acquiring: everything that the holders did with the memory comes before its eviction. It
      // pairs with the releasing exchange of each unpin, since they form one release sequence.
      let (exchanged, original) = word.pointee.compareExchange(
        expected: now.rawValue, desired: after.rawValue,
        successOrdering: .acquiring, failureOrdering: .relaxed)
      if exchanged { return outcome }
      now = ControlWord(rawValue: original)
    }
    return .pinned(count: max(1, now.count), epoch: now.epoch)
  }

  /// Ends every pin of a slot and closes its word; how many pins there were.
  package func revoke(slot: ControlSlot) -> UInt16 {
    replace(slot) { $0.revoked() }.count
  }

  /// Ends every pin of a slot, unless one is younger than the epoch that was seen a lease ago: a
  /// pin that came between the sweep and this call has its whole lease before it.
  package func expire(slot: ControlSlot, seenEpoch: UInt32) -> ControlWord.ExpireOutcome {
    let word = word(slot)
    // Relaxed: the compare-and-swap tests the value again, and a refusal promises nothing.
    var now = ControlWord(rawValue: word.pointee.load(ordering: .relaxed))
    for _ in 0..<Self.maximumTries {
      let (after, outcome) = now.expiring(seenEpoch: seenEpoch)
      guard case .revoked = outcome else { return outcome }
      // Acquiring: as in `take`, for the holders that unpinned in time.
      let (exchanged, original) = word.pointee.compareExchange(
        expected: now.rawValue, desired: after.rawValue,
        successOrdering: .acquiring, failureOrdering: .relaxed)
      if exchanged { return outcome }
      now = ControlWord(rawValue: original)
    }
    // Somebody pins or unpins at every try, so it is in use; the next sweep looks again.
    return .renewed
  }

  /// Closes the word at the end of its allocation; how many pins that ended.
  @discardableResult
  package func close(slot: ControlSlot) -> UInt16 {
    replace(slot) { $0.closing() }.count
  }

  /// Calls `report` with every word in a range of slots that counts a pin. O(slots), one load each;
  /// a core that holds a word to be closed ignores what is said of it.
  @inlinable
  package func sweep(
    slots: Range<UInt32>, _ report: (_ slot: ControlSlot, _ word: ControlWord) -> Void
  ) {
    invariant(slots.upperBound <= count, "a sweep stays within the control memory")
    for slot in slots {
      // Relaxed: a pin that is missed is met by the next sweep, and `expire` tests the epoch again.
      let now = ControlWord(rawValue: words[Int(slot)].load(ordering: .relaxed))
      if now.count != 0 { report(ControlSlot(rawValue: slot), now) }
    }
  }

  /// Replaces a word without asking the client; what it was. Epoch and revocations of the new value
  /// come from a load before: only the daemon changes the number of revocations, and an epoch that
  /// falls back by what was pinned in between misleads nobody, as all those pins end here.
  private func replace(
    _ slot: ControlSlot, _ change: (ControlWord) -> ControlWord
  ) -> ControlWord {
    let word = word(slot)
    // Relaxed: see above, the value need not be the last.
    let now = ControlWord(rawValue: word.pointee.load(ordering: .relaxed))
    // Acquiring: as in `take`, for the holders that unpinned in time.
    let original = word.pointee.exchange(change(now).rawValue, ordering: .acquiring)
    return ControlWord(rawValue: original)
  }

  /// How often a daemon tries a compare-and-swap against a client that keeps changing the word.
  private static let maximumTries = 64
}

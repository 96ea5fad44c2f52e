// Work in proportion to the frames of a request is done in pieces: so many frames in one event, and
// the rest in events of its own, between which everybody else has a turn. What may never happen: a
// piece that is put off and forgotten, or an event that takes as long as its request is large.

extension Core {
  /// What is to be gone on with.
  enum Piece: Equatable {
    /// The waiter of a discard.
    case discard(UInt64)
  }

  /// Goes on with it in the next tick, which is due at once.
  mutating func putOff(_ piece: Piece, _ now: Instant) {
    pieces.append(piece)
    guard !isPieceDue else { return }
    isPieceDue = true
    insertDeadline(.piece, at: Instant(nanoseconds: now.nanoseconds + 1))
  }

  /// The next piece of whatever was put off longest.
  mutating func goOnWithPieces(_ now: Instant, _ effects: inout [Effect]) {
    isPieceDue = false
    if let piece = pieces.popFirst() {
      switch piece {
      case .discard(let identifier): goOnDiscarding(identifier, now, &effects)
      }
    }
    guard !pieces.isEmpty, !isPieceDue else { return }
    isPieceDue = true
    insertDeadline(.piece, at: Instant(nanoseconds: now.nanoseconds + 1))
  }

  private mutating func goOnDiscarding(
    _ identifier: UInt64, _ now: Instant, _ effects: inout [Effect]
  ) {
    guard let waiterSlot = waiters.slot(of: identifier),
      case .discard(var discard) = waiters[slot: waiterSlot].wish
    else { return }
    discard.isPutOff = false
    waiters[slot: waiterSlot].wish = .discard(discard)
    advanceDiscard(identifier, now, &effects)
  }
}

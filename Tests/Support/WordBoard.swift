// The control words of a world without memory: the real transitions on plain values, so that a test
// of the core has the words it will have in the daemon. What may never happen: an operation of the
// core that is not performed before its next event.

import CoherentCore
import CoherentShared
import CoherentWire

package struct WordBoard {
  package private(set) var words: [SessionID: [Int: ControlWord]] = [:]

  package init() {}

  package subscript(_ session: SessionID, _ word: Int) -> ControlWord {
    get { words[session]?[word] ?? .closed }
    set { words[session, default: [:]][word] = newValue }
  }

  /// Performs everything that the core wants done to words, and gives it the answers.
  package mutating func work(for core: inout Core, _ now: Instant, _ effects: inout [Effect]) {
    while let operation = core.nextWordOperation() {
      core.answered(operation, perform(operation), now, &effects)
    }
  }

  /// A client's fast pin; nil if it has to ask.
  package mutating func pin(_ session: SessionID, _ word: Int) -> ControlWord.Token? {
    let (after, outcome) = self[session, word].pinning()
    self[session, word] = after
    if case .pinned(let token) = outcome { return token }
    return nil
  }

  package mutating func unpin(
    _ session: SessionID, _ word: Int, _ token: ControlWord.Token
  ) -> ControlWord.UnpinOutcome {
    let (after, outcome) = self[session, word].unpinning(token)
    self[session, word] = after
    return outcome
  }

  /// The session is over, and its memory file with it.
  package mutating func remove(_ session: SessionID) { words[session] = nil }

  private mutating func perform(_ operation: WordOperation) -> WordAnswer {
    switch operation {
    case .open(let session, let word):
      self[session, word] = self[session, word].opened()
      return .done
    case .take(let session, let word):
      let (after, outcome) = self[session, word].taking()
      self[session, word] = after
      guard case .pinned(_, let epoch) = outcome else { return .taken }
      return .pinned(epoch: epoch)
    case .revoke(let session, let word):
      let before = self[session, word]
      self[session, word] = before.revoked()
      return .revoked(pins: Int(before.count))
    case .expire(let session, let word, let seenEpoch):
      let (after, outcome) = self[session, word].expiring(seenEpoch: seenEpoch)
      self[session, word] = after
      guard case .revoked(let count) = outcome else { return .done }
      return .revoked(pins: Int(count))
    case .close(let session, let word):
      self[session, word] = self[session, word].closing()
      return .done
    case .sweep(let session, let first, let limit):
      let inReach = (words[session] ?? [:]).filter {
        $0.value.isResident && $0.key >= first && $0.key < first + limit
      }
      return .swept(
        inReach.sorted { $0.key < $1.key }.map {
          WordReport(word: $0.key, epoch: $0.value.epoch, isPinned: $0.value.count > 0)
        })
    }
  }
}

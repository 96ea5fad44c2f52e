// What the core wants done to a control word, the word in shared memory by which a session pins
// without a request. Whoever drives the core performs each operation at once, under the same lock,
// and gives the answer back: a word is never in a state that the core does not know.

import CoherentWire

package enum WordOperation: Equatable, Sendable {
  /// Allow fast pins. `word` is the allocation's slot.
  case open(SessionID, word: Int)
  /// Take it back for an eviction; refuses while it is pinned, and sends new pins behind.
  case take(SessionID, word: Int)
  /// Take it back whoever holds it: the lease has run out.
  case revoke(SessionID, word: Int)
  /// Take it back if the pins in it are still those that a sweep saw, a lease ago.
  case expire(SessionID, word: Int, seenEpoch: UInt32)
  /// Its allocation goes, or moves by its owner's own will.
  case close(SessionID, word: Int)
  /// Look at the words from `first` on, at most `limit` of them.
  case sweep(SessionID, first: Int, limit: Int)
}

package enum WordAnswer: Equatable, Sendable {
  case done
  case taken
  case pinned(epoch: UInt32)
  /// How many pins were revoked.
  case revoked(pins: Int)
  /// By rising number; what is not among them is not open.
  case swept([WordReport])
}

/// What a sweep saw of an open word.
package struct WordReport: Equatable, Sendable {
  package var word: Int
  package var epoch: UInt32
  package var isPinned: Bool

  package init(word: Int, epoch: UInt32, isPinned: Bool) {
    self.word = word
    self.epoch = epoch
    self.isPinned = isPinned
  }
}

// The control words of one session: memory that its client and the daemon both map and both write.
// Each side has one of these, which owns its mapping. Only words are shared, each is one aligned
// 64-bit atomic, and no operation touches two; so there is no state between two operations.
//
//   0              8                4096            4096 + 8 * i
//   | fingerprint  | zeros          | word 0 … 7    | word i ...
//     daemon writes, client reads     one cache line
//
// Word i belongs to slot i of the session's allocation table. Eight words share a cache line, but
// only words of one session do. Who may write which field of a word stands in `ControlWord`. The
// daemon writes the header once, before the client has the file, and never reads it again; what it
// reads from a word is input, and binds nobody but this client.

import CoherentSystem
import Synchronization

/// One side's view of a session's control memory.
package final class ControlWords: @unchecked Sendable {
  // SAFETY: the range stays mapped while this object lives, since it owns the mapping. It is only
  // ever accessed as atomics, through `words` and `header`.
  private let mapping: Mapping
  // SAFETY: `count` aligned words inside the mapping, bound once in init to the type by which both
  // sides access them; any 64 bits that a peer leaves there are a valid value of it.
  @usableFromInline let words: UnsafeMutablePointer<Atomic<UInt64>>

  /// How many slots there are; slots are below it.
  package let count: UInt32

  /// Before the first word: the header has a page of its own.
  package static let headerBytes = 4096

  /// The daemon's side. Writes the header and leaves the words as they are: zeros in a new file,
  /// the clients' pins in one that outlived a daemon. Owns the mapping.
  package init(daemon mapping: consuming Mapping) {
    (words, count) = Self.bind(mapping.bytes)
    // Relaxed: the client gets the file by a message that is sent after this.
    Self.header(mapping.bytes)[0].store(Self.fingerprint, ordering: .relaxed)
    self.mapping = mapping
  }

  /// The client's side. Owns the mapping, and unmaps it when it throws: the header names another
  /// layout than this one.
  package init(client mapping: consuming Mapping) throws(ControlMismatch) {
    (words, count) = Self.bind(mapping.bytes)
    // Relaxed: it was written before the message by which the file came.
    let found = Self.header(mapping.bytes)[0].load(ordering: .relaxed)
    if found != Self.fingerprint {
      throw ControlMismatch(expected: Self.fingerprint, found: found)
    }
    self.mapping = mapping
  }

  /// The word of a slot, which a peer may change at once. For reports and tests.
  package func peek(slot: ControlSlot) -> ControlWord {
    // Relaxed: the value is reported, and nothing is inferred from it about other memory.
    ControlWord(rawValue: word(slot).pointee.load(ordering: .relaxed))
  }

  /// Where a slot's word is.
  @inlinable
  func word(_ slot: ControlSlot) -> UnsafeMutablePointer<Atomic<UInt64>> {
    invariant(slot.rawValue < count, "a slot lies within the control memory")
    return words + Int(slot.rawValue)
  }

  private static func bind(
    _ bytes: UnsafeMutableRawBufferPointer
  ) -> (UnsafeMutablePointer<Atomic<UInt64>>, UInt32) {
    let wordBytes = MemoryLayout<Atomic<UInt64>>.stride
    invariant(bytes.count >= headerBytes + wordBytes, "control memory has a header and a word")
    // SAFETY: mappings are aligned to pages, and the bound was checked above.
    let count = (bytes.count - headerBytes) / wordBytes
    let words = (bytes.baseAddress! + headerBytes)
      .bindMemory(to: Atomic<UInt64>.self, capacity: count)
    return (words, UInt32(clamping: count))
  }

  private static func header(
    _ bytes: UnsafeMutableRawBufferPointer
  ) -> UnsafeMutablePointer<Atomic<UInt64>> {
    // SAFETY: the mapping is at least a header long, as `bind` checked, and aligned to a page.
    bytes.baseAddress!.bindMemory(to: Atomic<UInt64>.self, capacity: 1)
  }
}

// An array of records of one length in shared memory. One thread of the daemon writes, others read
// at any time; each record is published by the store of its head.
//
//   record  | head | body word 1 | … | body word n | checksum |
//
// What may never happen: a body that changes under a live head. A holder that goes on with other
// contents would need a new generation.

import CoherentSystem
import Synchronization

struct RecordTable {
  // SAFETY: `slots * wordsPerRecord` aligned words inside a mapping that the owner of this value
  // keeps mapped for as long as it uses it. Any 64 bits are a valid value of each.
  private let words: UnsafeMutablePointer<Atomic<UInt64>>
  let slots: Int
  let wordsPerRecord: Int

  init(_ words: UnsafeMutablePointer<Atomic<UInt64>>, slots: Int, wordsPerRecord: Int) {
    self.words = words
    self.slots = slots
    self.wordsPerRecord = wordsPerRecord
  }

  /// Writes a record. The body of one that has ended is not written: nobody reads it.
  func write(slot: Int, _ head: RecordHead, body: [UInt64]) {
    let record = record(slot)
    if head.state == .live {
      invariant(body.count + 2 == wordsPerRecord, "a record is as long as its table says")
      // Relaxed: published by the head below. A body that is there already is not written again, so
      // that a live record may be repeated.
      for (index, word) in body.enumerated() where load(record, index + 1) != word {
        record[index + 1].store(word, ordering: .relaxed)
      }
      let checksum = UInt64(Self.checksum(slot, head.generation, body))
      if load(record, wordsPerRecord - 1) != checksum {
        record[wordsPerRecord - 1].store(checksum, ordering: .relaxed)
      }
    }
    // Releasing: whoever sees this head sees the body that was written before it; and a daemon that
    // dies has written all of the body if it has written the head.
    record[0].store(head.word(slot: slot), ordering: .releasing)
  }

  enum Content: Equatable {
    case neverUsed
    case ended(RecordHead)
    case live(RecordHead, body: [UInt64])
    /// No daemon wrote it so.
    case damaged
  }

  /// Reads a record, each word once.
  func read(slot: Int) -> Content {
    let record = record(slot)
    // Acquiring: the body of this head, or of a later one, is read below.
    let first = record[0].load(ordering: .acquiring)
    if first == RecordHead.neverUsed { return .neverUsed }
    guard let head = RecordHead(word: first, slot: slot) else { return .damaged }
    guard head.state == .live else { return .ended(head) }
    let body = (1..<wordsPerRecord - 1).map { load(record, $0) }
    guard load(record, wordsPerRecord - 1) == UInt64(Self.checksum(slot, head.generation, body))
    else { return .damaged }
    return .live(head, body: body)
  }

  // Relaxed: ordered by the head, see above; and what cannot be trusted has a checksum.
  private func load(_ record: UnsafeMutablePointer<Atomic<UInt64>>, _ index: Int) -> UInt64 {
    record[index].load(ordering: .relaxed)
  }

  private func record(_ slot: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
    invariant(slot >= 0 && slot < slots, "a record's slot lies within its table")
    return words + slot * wordsPerRecord
  }

  private static func checksum(_ slot: Int, _ generation: UInt32, _ body: [UInt64]) -> UInt32 {
    var checksum = RecordChecksum()
    checksum.add(UInt64(generation) << 32 | UInt64(slot))
    for word in body { checksum.add(word) }
    return checksum.value
  }
}

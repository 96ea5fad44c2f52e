// The memory blocks in the ledger. Written by whoever holds the core's lock.

import CoherentSystem
import Synchronization

extension Ledger {
  /// A block is in another state. To be said before it has any effect.
  package func note(_ block: LedgerBlock, at index: Int) {
    let (head, deadline) = blockWords(index)
    // Relaxed: read only by the next daemon, after this one has died. Releasing: and a daemon that
    // dies has written the deadline if it has written the head. It counts with that head only: so
    // one that is none must not replace that of a block that is still said to be leaving.
    if block.deadlineNanoseconds != .max {
      deadline.pointee.store(block.deadlineNanoseconds, ordering: .relaxed)
    }
    head.pointee.store(block.head.word(slot: index), ordering: .releasing)
  }

  /// The blocks, as far as any was ever noted.
  package func blocks() throws(LedgerFault) -> [LedgerBlock] {
    var blocks: [LedgerBlock] = []
    for index in 0..<geometry.blocks {
      let (head, deadline) = blockWords(index)
      // Relaxed: their writer has died.
      let word = head.pointee.load(ordering: .relaxed)
      guard word != RecordHead.neverUsed else { continue }
      guard let found = RecordHead(word: word, slot: index),
        let block = LedgerBlock(
          found, deadlineNanoseconds: deadline.pointee.load(ordering: .relaxed))
      else { throw .badBlock(index) }
      while blocks.count < index { blocks.append(.absent) }
      blocks.append(block)
    }
    return blocks
  }

  private func blockWords(
    _ index: Int
  ) -> (UnsafeMutablePointer<Atomic<UInt64>>, UnsafeMutablePointer<Atomic<UInt64>>) {
    invariant(index >= 0 && index < geometry.blocks, "a block lies within the region")
    let word = blockTable + index * LedgerBlock.wordsPerRecord
    return (word, word + 1)
  }
}

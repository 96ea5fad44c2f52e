// The floor of a pin and its end: two compare-and-swaps on a word of shared memory, with the
// orderings that a lock would have, and nothing else. Words are as far apart as the measurement
// wants them.

import CoherentSystem
import Synchronization

final class SwapFloor: @unchecked Sendable {
  // SAFETY: the words lie in the mapping, which this owns, and are only ever accessed as atomics.
  private let mapping: Mapping
  private let words: UnsafeMutablePointer<Atomic<UInt64>>
  private let strideWords: Int

  /// A page of words, of which every `strideWords`th is used.
  init(strideWords: Int) throws(SystemError) {
    let file = try MemoryFile(name: "coherent-bench-floor", sizeBytes: UInt64(PageSize.bytes))
    mapping = try Mapping(file: file, lengthBytes: PageSize.bytes, writable: true)
    // SAFETY: a mapping is aligned to pages, and any 64 bits are a valid value.
    words = mapping.bytes.baseAddress!.bindMemory(
      to: Atomic<UInt64>.self, capacity: PageSize.bytes / 8)
    self.strideWords = strideWords
    self.words.pointee.store(1 << 32, ordering: .relaxed)
  }

  /// One batch.
  @inline(never)
  func batch(_ number: Int) {
    let word = words + number * strideWords
    for _ in 0..<PinBatch.pairs {
      Self.replace(word, acquires: true) { $0 &+ 1 }
      Self.replace(word, acquires: false) { $0 &- 1 }
    }
  }

  @inline(__always)
  private static func replace(
    _ word: UnsafeMutablePointer<Atomic<UInt64>>, acquires: Bool, _ next: (UInt64) -> UInt64
  ) {
    // Relaxed: the compare-and-swap tests the value again.
    var now = word.pointee.load(ordering: .relaxed)
    while true {
      // Acquiring and releasing as a lock would be: that is what a pin needs, too.
      let (exchanged, original) =
        acquires
        ? word.pointee.weakCompareExchange(
          expected: now, desired: next(now), successOrdering: .acquiring,
          failureOrdering: .relaxed)
        : word.pointee.weakCompareExchange(
          expected: now, desired: next(now), successOrdering: .releasing,
          failureOrdering: .relaxed)
      if exchanged { return }
      now = original
    }
  }
}

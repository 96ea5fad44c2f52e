// Protect, copy, punch, wake, in small: writers increment words while their pages are taken away
// and brought back, and every increment must be there at the end.

import Glibc
import Synchronization
import TestSupport
import Testing

@testable import CoherentSystem

/// What the writers of one test share: when to end, and how often each incremented each word.
private final class WriterTally: @unchecked Sendable {
  // SAFETY: each writer counts in its own row, which is read after that writer was joined.
  let ending = Atomic<Bool>(false)
  let counts: UnsafeMutableBufferPointer<UInt64>

  init(count: Int) {
    counts = .allocate(capacity: count)
    counts.initialize(repeating: 0)
  }

  deinit { counts.deallocate() }
}

@Suite(.enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"))
struct EvictionTests {
  private static let writers = 4
  private static let pages = 16

  @Test func protectCopyPunchWakeLosesNoUpdate() throws {
    let pager = try SmallPager(pages: Self.pages)
    let server = try Thread.start(name: "pager") { pager.serve() }
    let tally = WriterTally(count: Self.writers * Self.pages)
    let threads = try (0..<Self.writers).map { writer in
      try Thread.start(name: "writer\(writer)") { Self.write(writer, pager, tally) }
    }
    var random = SeededGenerator(seed: 99)
    while pager.evictions.load(ordering: .relaxed) < 3_000 {
      try pager.evict(Int.random(in: 0..<Self.pages, using: &random))
    }
    tally.ending.store(true, ordering: .releasing)
    for thread in threads { thread.join() }
    var lost: UInt64 = 0
    var total: UInt64 = 0
    for writer in 0..<Self.writers {
      for page in 0..<Self.pages {
        let count = tally.counts[writer * Self.pages + page]
        lost += count &- Self.word(writer, page, pager).load(as: UInt64.self)
        total += count
      }
    }
    pager.stop()
    server.join()
    #expect(lost == 0)
    #expect(total > 0)
  }

  @Test func readersNeverSeeAZeroWhileAHoleIsWritten() throws {
    // Registered for missing pages alone, the kernel itself maps a page once the write has made it.
    let pager = try SmallPager(pages: 1, modes: [.missing])
    let tally = WriterTally(count: 2)
    let reader = try Thread.start(name: "reader") {
      let bytes = pager.range.mapping.bytes.baseAddress!
      while !tally.ending.load(ordering: .acquiring) {
        for offset in stride(from: 0, to: PageSize.bytes, by: 509) {
          if (bytes + offset).load(as: UInt8.self) == 0 { tally.counts[0] += 1 }
          tally.counts[1] += 1
        }
      }
    }
    let page = RegisteredRange.page
    for round in 1...5_000 {
      try pager.range.store(UInt8(round % 250 + 1), page: 0)
      #expect(
        pager.range.userfault.wake(address: pager.range.address(0), lengthBytes: page) == .done)
      if round < 5_000 { try pager.range.file.punch(offsetBytes: 0, lengthBytes: page) }
    }
    tally.ending.store(true, ordering: .releasing)
    reader.join()
    #expect(tally.counts[0] == 0)
    #expect(tally.counts[1] > 0)
  }

  /// One writer's loop: a word of its own in every page.
  private static func write(_ writer: Int, _ pager: SmallPager, _ tally: WriterTally) {
    var random = SeededGenerator(seed: UInt64(writer))
    while !tally.ending.load(ordering: .acquiring) {
      let page = Int.random(in: 0..<pages, using: &random)
      let word = word(writer, page, pager)
      word.storeBytes(of: word.load(as: UInt64.self) &+ 1, as: UInt64.self)
      tally.counts[writer * pages + page] += 1
    }
  }

  private static func word(
    _ writer: Int, _ page: Int, _ pager: SmallPager
  ) -> UnsafeMutableRawPointer {
    pager.range.mapping.bytes.baseAddress! + page * PageSize.bytes + writer * 8
  }
}

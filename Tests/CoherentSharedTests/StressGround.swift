// Where pinners and an evictor meet: a few words, and beside them, in memory that is shared too,
// what is true of each allocation whatever its word says. Works between threads and processes.

import CoherentSystem
import Synchronization

@testable import CoherentShared

final class StressGround: @unchecked Sendable {
  /// What was counted by everybody together.
  enum Tally: Int, CaseIterable {
    case pins, unpins, expired, revoked, evictions, notices, stop, violations
  }

  static let slots: UInt32 = 4
  let client: ControlWords
  private let daemon: ControlWords
  // SAFETY: shared memory that stays mapped while this object lives; the first words are atomics
  // only, and the words behind them are touched as the handshake under test allows.
  private let truth: Mapping
  private let tallies: UnsafeMutablePointer<Atomic<UInt64>>
  private let gone: UnsafeMutablePointer<Atomic<UInt64>>
  private let contents: UnsafeMutablePointer<UInt64>

  init() throws {
    let memory = try ControlMemory(slots: Self.slots)
    client = try memory.client()
    // One view for both sides: the sanitizer knows memory by its address, and would not see that
    // two mappings are the same words.
    daemon = client
    let file = try MemoryFile(name: "truth", sizeBytes: UInt64(PageSize.bytes))
    truth = try Mapping(file: file, lengthBytes: PageSize.bytes, writable: true)
    let base = truth.bytes.baseAddress!
    tallies = base.bindMemory(to: Atomic<UInt64>.self, capacity: 16)
    gone = (base + 128).bindMemory(to: Atomic<UInt64>.self, capacity: Int(Self.slots))
    contents = (base + 256).bindMemory(to: UInt64.self, capacity: Int(Self.slots))
    for slot in 0..<Self.slots { daemon.open(slot: ControlSlot(rawValue: slot)) }
  }

  func count(_ tally: Tally) -> UInt64 {
    (tallies + tally.rawValue).pointee.load(ordering: .relaxed)
  }

  private func add(_ tally: Tally, _ number: UInt64 = 1) {
    (tallies + tally.rawValue).pointee.wrappingAdd(number, ordering: .relaxed)
  }

  func stop() {
    add(.stop)
  }

  /// Pins, looks whether the allocation is there, and unpins, until it is told to stop. Reads its
  /// plain contents too when nobody is ever revoked, so that the sanitizer sees the orderings.
  func pinUntilStopped(seed: UInt64, readingContents: Bool) {
    var random = seed
    while count(.stop) == 0 {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let slot = ControlSlot(rawValue: UInt32(random >> 33) % Self.slots)
      guard case .pinned(let token) = client.pin(slot: slot) else {
        Thread.yield()
        continue
      }
      add(.pins)
      var sawItGo = false
      let before = readingContents ? contents[Int(slot.rawValue)] : 0
      for step in 0..<(random >> 20) % 40 {
        if gone[Int(slot.rawValue)].load(ordering: .sequentiallyConsistent) != 0 { sawItGo = true }
        if step % 16 == 15 { Thread.yield() }
      }
      if readingContents && contents[Int(slot.rawValue)] != before { add(.violations) }
      finish(client.unpin(slot: slot, token: token), sawItGo)
    }
  }

  private func finish(_ outcome: ControlWord.UnpinOutcome, _ sawItGo: Bool) {
    switch outcome {
    case .unpinned, .lastUnderEviction:
      add(.unpins)
      if outcome == .lastUnderEviction { add(.notices) }
      if sawItGo { add(.violations) }
    case .leaseExpired:
      add(.expired)
    case .notPinned:
      add(.violations)
    }
  }

  /// Evicts each allocation in turn, `rounds` times. A pinned one is asked `patience` times, then
  /// revoked; without patience it is asked for ever.
  func evict(rounds: Int, patience: Int?) {
    // Nothing is tried while nobody pins.
    while count(.pins) < 100 { Thread.yield() }
    for round in 0..<rounds {
      let slot = ControlSlot(rawValue: UInt32(round) % Self.slots)
      var asked = 0
      while daemon.take(slot: slot) != .taken {
        asked += 1
        if let patience, asked > patience {
          add(.revoked, UInt64(daemon.revoke(slot: slot)))
          break
        }
        Thread.yield()
      }
      gone[Int(slot.rawValue)].store(1, ordering: .sequentiallyConsistent)
      if patience == nil { contents[Int(slot.rawValue)] &+= 1 }
      add(.evictions)
      for _ in 0..<20 {
        let word = daemon.peek(slot: slot)
        if word.count != 0 || word.isResident { add(.violations) }
      }
      gone[Int(slot.rawValue)].store(0, ordering: .sequentiallyConsistent)
      daemon.open(slot: slot)
      Thread.yield()
      if patience != nil { sweep(slot) }
    }
  }

  /// Expires what is pinned as it was a moment ago.
  private func sweep(_ slot: ControlSlot) {
    let seen = daemon.peek(slot: slot)
    Thread.yield()
    if case .revoked(let count) = daemon.expire(slot: slot, seenEpoch: seen.epoch) {
      add(.revoked, UInt64(count))
      daemon.open(slot: slot)
    }
  }

  /// Pins that the words still count.
  func remaining() -> Int {
    var sum = 0
    daemon.sweep(slots: 0..<Self.slots) { _, word in sum += Int(word.count) }
    return sum
  }

  /// Whether everything adds up once the pinners are done.
  var holdsItsLaws: Bool {
    count(.violations) == 0 && remaining() == 0 && count(.revoked) == count(.expired)
      && count(.pins) == count(.unpins) + count(.expired)
  }
}

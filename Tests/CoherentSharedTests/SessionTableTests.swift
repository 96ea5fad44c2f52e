// A session's table: what is written is read, what was interrupted is as it was before, and what
// nobody wrote is refused.

import CoherentSystem
import Testing

@testable import CoherentShared

struct SessionTableTests {
  @Test func whatTheDaemonWritesTheNextOneReads() throws {
    let memory = try TableMemory.filled()
    let reader = try memory.reader()
    #expect(reader.layout == TableMemory.layout)
    #expect(reader.session == 7)
    let contents = try reader.contents()
    #expect(contents.allocations.count == 3)
    #expect(contents.allocations[0] == TableMemory.allocation(1, first: 0, count: 10))
    #expect(contents.allocations[1] == TableMemory.allocation(5, first: 20, count: 10))
    #expect(contents.allocations[2] == TableAllocation(state: .gone, generation: 8))
    #expect(
      contents.pins == [
        TableMemory.pin(0, first: 22, count: 2), TablePin(state: .expired, generation: 4),
      ])
    #expect(contents.frames.count == 30)
    #expect(contents.frames[2] == .device)
    #expect(contents.frames[3].place == .host && contents.frames[3].isKeptInHost)
    #expect(contents.frames[15] == .untouched)
    #expect(contents.frames[29] == .zero)
  }

  @Test func aNewTableIsEmpty() throws {
    #expect(try TableMemory().reader().contents() == SessionTableContents())
  }

  @Test func aFrameThatIsStoredStaysKept() throws {
    let memory = try TableMemory.filled()
    memory.daemon.noteStored(2..<4)
    #expect(memory.daemon.frame(2) == .stored)
    #expect(memory.daemon.frame(3).place == .stored && memory.daemon.frame(3).isKeptInHost)
    #expect(memory.daemon.frame(4).place == .host)
  }

  @Test func aSlotTellsItsHoldersApart() throws {
    let memory = try TableMemory.filled()
    memory.daemon.note(allocation: 0, TableAllocation(state: .gone, generation: 1))
    memory.daemon.note(allocation: 0, TableMemory.allocation(2, first: 40, count: 60))
    let contents = try memory.reader().contents()
    #expect(contents.allocations[0] == TableMemory.allocation(2, first: 40, count: 60))
    #expect(contents.frames.count == 100)
  }

  /// The daemon dies after any of the words that it writes for a new holder of a slot.
  @Test func aRecordThatWasNotFinishedIsTheOneBefore() throws {
    let memory = try TableMemory.filled()
    memory.daemon.note(allocation: 2, TableMemory.allocation(9, first: 50, count: 1))
    let start = Int(TableMemory.layout.allocationsOffset) + 2 * 32
    let after = Self.words(memory, at: start, count: 4)
    memory.daemon.note(allocation: 2, TableAllocation(state: .gone, generation: 9))
    let before = Self.words(memory, at: start, count: 4)
    #expect(after[0] != before[0])
    memory.daemon.note(allocation: 2, TableMemory.allocation(10, first: 70, count: 2))
    let next = Self.words(memory, at: start, count: 4)
    // In the order in which it writes: the body, its checksum, the head.
    for written in 0...3 {
      var words = before
      for index in [1, 2, 3, 0].prefix(written) { words[index] = next[index] }
      Self.set(memory, words, at: start)
      let record = try memory.reader().contents().allocations[2]
      #expect(record == TableAllocation(state: .gone, generation: 9), "after \(written) words")
    }
    Self.set(memory, next, at: start)
    #expect(
      try memory.reader().contents().allocations[2]
        == TableMemory.allocation(10, first: 70, count: 2))
  }

  @Test func anyBitOfAHeaderThatChangesIsFound() throws {
    let memory = try TableMemory.filled()
    for bit in 0..<SessionTableLayout.headerWords * 64 {
      Self.flip(memory, bit: bit, of: 0)
      #expect(throws: TableFault.self) { try memory.reader() }
      Self.flip(memory, bit: bit, of: 0)
    }
    #expect(try memory.reader().contents().allocations.count == 3)
  }

  @Test func anyBitOfALiveRecordThatChangesIsFound() throws {
    let memory = try TableMemory.filled()
    for (start, bytes) in [
      (TableMemory.layout.allocationsOffset + 32, 32), (TableMemory.layout.pinsOffset, 64),
    ] {
      for bit in 0..<bytes * 8 {
        Self.flip(memory, bit: bit, of: Int(start))
        #expect(throws: TableFault.self, "bit \(bit)") { try memory.reader().contents() }
        Self.flip(memory, bit: bit, of: Int(start))
      }
    }
    #expect(try memory.reader().contents().pins.count == 2)
  }

  @Test func aRecordOfAnotherSlotIsRefused() throws {
    let memory = try TableMemory.filled()
    let start = Int(TableMemory.layout.allocationsOffset)
    Self.set(memory, Self.words(memory, at: start, count: 4), at: start + 32)
    #expect(throws: TableFault.badAllocation(slot: 1)) { try memory.reader().contents() }
  }

  @Test func aRecordThatLeavesTheArenaIsRefused() throws {
    for (first, count) in [(99, 2), (100, 1), (0, 0), (UInt32.max, 1), (1, UInt32.max)]
      as [(UInt32, UInt32)]
    {
      let memory = try TableMemory()
      memory.daemon.note(allocation: 0, TableMemory.allocation(0, first: first, count: count))
      #expect(throws: TableFault.badAllocation(slot: 0)) { try memory.reader().contents() }
      memory.daemon.note(allocation: 0, TableAllocation(state: .gone, generation: 0))
      memory.daemon.note(pin: 0, TableMemory.pin(0, first: first, count: count))
      #expect(throws: TableFault.badPin(slot: 0)) { try memory.reader().contents() }
    }
  }

  @Test func aFrameInNoPlaceIsRefused() throws {
    let memory = try TableMemory.filled()
    for value in [5, 15, 32, 255] as [UInt8] {
      memory.daemon.note(9..<10, TableFrame(rawValue: value))
      #expect(throws: TableFault.badFrame(9)) { try memory.reader().contents() }
    }
  }

  @Test func aFileOfAnotherLengthIsRefused() throws {
    let memory = try TableMemory.filled()
    let longer = try MemoryFile(name: "longer", sizeBytes: TableMemory.layout.fileBytes + 65536)
    let header = [UInt8](memory.bytes.bytes.prefix(4096))
    try header.withUnsafeBytes { try longer.write(from: $0, offsetBytes: 0) }
    #expect(throws: TableFault.self) { try SessionTable(existing: try TableMemory.map(longer)) }
  }

  /// Bytes of any value in any place end in contents that keep the table's laws, or in a fault.
  @Test func noBytesHarmTheirReader() throws {
    var random = SplitMix(state: 4711)
    let memory = try TableMemory.filled()
    let places = memory.bytes.bytes
    let parts = [
      TableMemory.layout.placesOffset, TableMemory.layout.allocationsOffset,
      TableMemory.layout.pinsOffset, 0,
    ]
    for round in 0..<20_000 {
      let part = Int(parts[round % parts.count == 3 && round % 64 != 3 ? 1 : round % parts.count])
      places[part + Int(random.next() % 512)] = UInt8(truncatingIfNeeded: random.next())
      guard let reader = try? memory.reader() else {
        for (index, word) in TableMemory.layout.header(session: 7).enumerated() {
          places.storeBytes(of: word, toByteOffset: index * 8, as: UInt64.self)
        }
        continue
      }
      guard let contents = try? reader.contents() else { continue }
      for allocation in contents.allocations where allocation.state == .live {
        #expect(allocation.range.upperBound <= contents.frames.count)
      }
      #expect(contents.frames.allSatisfy { $0.isValid })
    }
  }

  private static func words(_ memory: TableMemory, at start: Int, count: Int) -> [UInt64] {
    (0..<count).map { memory.bytes.bytes.load(fromByteOffset: start + $0 * 8, as: UInt64.self) }
  }

  private static func set(_ memory: TableMemory, _ words: [UInt64], at start: Int) {
    for (index, word) in words.enumerated() {
      memory.bytes.bytes.storeBytes(of: word, toByteOffset: start + index * 8, as: UInt64.self)
    }
  }

  private static func flip(_ memory: TableMemory, bit: Int, of start: Int) {
    memory.bytes.bytes[start + bit / 8] ^= 1 << UInt8(bit % 8)
  }
}

/// The generator of Steele, Lea and Flood.
private struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    return word ^ word >> 31
  }
}

// The ledger: one daemon after the other finds what the one before it left.

import CoherentSystem
import Synchronization
import Testing

@testable import CoherentShared

struct LedgerTests {
  static let geometry = LedgerGeometry(
    blocks: 3, blockBytes: 1 << 20, frameBytes: 4096, arenaBytes: 1 << 22, sessionSlots: 4)

  final class LedgerMemory {
    let file: MemoryFile
    let ledger: Ledger
    let bytes: Mapping

    init() throws {
      let file = try MemoryFile(name: "ledger", sizeBytes: Ledger.fileBytes(geometry))
      ledger = Ledger(new: try TableMemory.map(file), geometry, regionInode: 42)
      bytes = try TableMemory.map(file)
      self.file = file
    }

    func next() throws -> Ledger { try Ledger(existing: try TableMemory.map(file)) }
  }

  private static func session(_ id: UInt32) -> LedgerSession {
    LedgerSession(
      id: id, baseAddress: 0x7000_0000, fileInode: UInt64(id) * 2, tableInode: UInt64(id) * 2 + 1,
      sinceNanoseconds: 5, allocationSlots: 10)
  }

  @Test func theNextDaemonFindsGeometryGenerationAndSessions() throws {
    let memory = try LedgerMemory()
    #expect(memory.ledger.generation == 1)
    #expect(memory.ledger.enter(Self.session(1)))
    #expect(memory.ledger.enter(Self.session(2)))
    memory.ledger.remove(session: 1)
    memory.ledger.remove(session: 9)
    let next = try memory.next()
    #expect(next.geometry == Self.geometry)
    #expect(next.regionInode == 42)
    next.beginGeneration()
    #expect(try memory.next().generation == 2)
    #expect(try next.sessions() == [Self.session(2)])
  }

  @Test func numbersThatOnlyGrowOutliveWhoeverWroteThem() throws {
    let memory = try LedgerMemory()
    #expect(memory.ledger.nextSession == 1 && memory.ledger.hostFrames == 0)
    #expect(memory.ledger.enter(Self.session(7)))
    memory.ledger.remove(session: 7)
    #expect(memory.ledger.enter(Self.session(3)))
    memory.ledger.note(hostFrames: 900)
    memory.ledger.note(hostFrames: 20)
    let next = try memory.next()
    #expect(next.nextSession == 8 && next.hostFrames == 900)
  }

  @Test func aFullLedgerTakesNobodyUntilSomebodyLeaves() throws {
    let memory = try LedgerMemory()
    for id in 1...4 as ClosedRange<UInt32> { #expect(memory.ledger.enter(Self.session(id))) }
    #expect(!memory.ledger.enter(Self.session(5)))
    // Also where the next daemon, which did not enter them, has taken it over.
    let next = try memory.next()
    #expect(!next.enter(Self.session(5)))
    next.remove(session: 3)
    #expect(next.enter(Self.session(5)))
    #expect(Set(try memory.next().sessions().map(\.id)) == [1, 2, 4, 5])
  }

  /// A daemon may die between the two words of a block: one that is still said to be leaving has
  /// its bound then.
  @Test func theBoundOfALeavingBlockIsNotOverwrittenByNone() throws {
    let memory = try LedgerMemory()
    func block(_ state: UInt8, _ deadline: UInt64) -> LedgerBlock {
      LedgerBlock(state: state, kind: 0, node: nil, deadlineNanoseconds: deadline)
    }
    memory.ledger.note(block(3, 77), at: 0)
    #expect(try memory.next().blocks() == [block(3, 77)])
    memory.ledger.note(block(2, .max), at: 0)
    #expect(try memory.next().blocks() == [block(2, 77)])
  }

  @Test func marksOfFilledFramesStay() throws {
    let memory = try LedgerMemory()
    #expect(try memory.next().filled(blocks: 3) == Array(repeating: false, count: 768))
    memory.ledger.note(filled: true, 0..<768)
    memory.ledger.note(filled: false, 63..<66)
    memory.ledger.note(filled: true, 64..<65)
    let filled = try memory.next().filled(blocks: 3)
    #expect(filled.indices.filter { !filled[$0] } == [63, 65])
  }

  @Test func marksOfNeighboursByTwoThreadsAreAllKept() throws {
    let memory = try LedgerMemory()
    let ledger = memory.ledger
    let lost = Counter()
    // In one word: one thread marks the even frames again and again, the other the odd ones, and
    // each finds its last mark as it left it.
    let threads = try (0..<2).map { parity in
      try Thread.start(name: "marker-\(parity)") {
        for round in 0..<20_000 {
          let frame = (round * 2 + parity) % 64
          let isFilled = (round / 32).isMultiple(of: 2)
          ledger.note(filled: isFilled, frame..<frame + 1)
          if ledger.filled(blocks: 1)[frame] != isFilled { lost.add() }
        }
      }
    }
    for thread in threads { thread.join() }
    #expect(lost.value == 0)
  }

  private final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    func add() { count.add(1, ordering: .relaxed) }
    var value: Int { count.load(ordering: .relaxed) }
  }

  @Test func anyBitThatChangesInWhatIsKeptIsFound() throws {
    let memory = try LedgerMemory()
    _ = memory.ledger.enter(Self.session(1))
    let ranges = [0..<LedgerLayout.headerWords * 8, 128..<136, 4096..<4096 + 64]
    for byte in ranges.joined() {
      for bit in 0..<8 as Range<UInt8> {
        memory.bytes.bytes[byte] ^= 1 << bit
        #expect(throws: LedgerFault.self, "byte \(byte), bit \(bit)") { try memory.next() }
        memory.bytes.bytes[byte] ^= 1 << bit
      }
    }
    #expect(try memory.next().sessions().count == 1)
  }

  @Test func anotherVersionIsRefusedByName() throws {
    let memory = try LedgerMemory()
    memory.bytes.bytes.storeBytes(of: 1, toByteOffset: 8, as: UInt64.self)
    #expect(throws: LedgerFault.otherVersion(expected: 2, found: 1)) { try memory.next() }
  }
}

// A client may write any 64 bits into any of its words at any time. It can end its own pins early
// or make an eviction from itself wait for one lease; it harms nobody else and no count of the
// core's.

import CoherentShared
import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct WordHostilityTests {
  /// Values that stand at the edges of the fields, and some with everything in disorder.
  static let values: [UInt64] =
    [0, .max, 1, 0xffff, 1 << 16, 3 << 16, 1 << 17, 7 << 16, 0xffff_ffff_0000_0000]
    + (0..<8).map { UInt64(0x9e37_79b9_7f4a_7c15) &* UInt64(2 * $0 + 1) }

  /// A device of eight frames: four are the hostile client's, and lent out; four another's, and
  /// lent out as well.
  private func world(
    _ value: UInt64
  ) throws -> (harness: CoreHarness, hostile: SessionID, its: HandleID, good: HandleID) {
    var harness = CoreHarness()
    let hostile = harness.connect()
    let its = try harness.lent(4, from: hostile)
    let good = try harness.lent(4)
    harness.board[hostile, CoreHarness.word(its)] = ControlWord(rawValue: value)
    return (harness, hostile, its, good)
  }

  @Test(arguments: values)
  func anEvictionFromItWaitsForOneLeaseAtMost(_ value: UInt64) throws {
    var (harness, hostile, its, good) = try world(value)
    let token = try harness.fastPin(good)
    #expect(harness.allocate(4, timeout: 1000) == nil)
    harness.core.checkInvariants()
    if harness.jobs.isEmpty {
      harness.board[hostile, CoreHarness.word(its)] = ControlWord(rawValue: ~value)
      harness.ask(.release(its), from: hostile)
      harness.pass(milliseconds: 100)
    }
    harness.board[hostile, CoreHarness.word(its)] = ControlWord(rawValue: value)
    harness.finishJobs()
    #expect(harness.core.sessions[0].arena.allocations.count == 2, "the other was served")
    #expect(harness.fastUnpin(good, token) != .notPinned, "and kept its pin")
    harness.core.checkInvariants()
  }

  @Test(arguments: values)
  func itsOwnRequestsAllEnd(_ value: UInt64) throws {
    var (harness, hostile, its, _) = try world(value)
    let range = CoreHarness.range(its, 0..<4)
    let requests: [Request] = [
      .pin(range, leaseMilliseconds: 50, timeoutMilliseconds: 500), .release(its),
      .migrate(range, to: .host, timeoutMilliseconds: 500),
      .pin(range, leaseMilliseconds: 0, timeoutMilliseconds: 500, isLongTerm: true),
      .advise(range, .discard), .free(its),
    ]
    for request in requests {
      harness.ask(request, from: hostile)
      harness.board[hostile, CoreHarness.word(its)] = ControlWord(rawValue: value)
      for _ in 0..<12 {
        harness.finishJobs()
        harness.pass(milliseconds: 50)
        harness.board[hostile, CoreHarness.word(its)] = ControlWord(rawValue: value)
        harness.core.checkInvariants()
      }
      #expect(harness.core.status().waiters == 0)
    }
    #expect(harness.core.region.free == 4)
  }

  @Test func aWordThatSaysItIsTakenIsTakenAgainUnderPressure() throws {
    // An eviction does not ask the word whether it is lent out.
    var (harness, _, its, _) = try world(0)
    #expect(harness.allocate(8, timeout: 1000) == nil)
    harness.finishJobs()
    #expect(harness.core.sessions[0].arena.allocations.count == 2)
    #expect(harness.wordState(its, from: SessionID(rawValue: 2)) == .closed)
    harness.core.checkInvariants()
  }

  @Test func aWordThatHidesItselfIsTakenBackByTheSweep() throws {
    var (harness, hostile, its, good) = try world(0)
    let token = try harness.fastPin(good)
    harness.pass(milliseconds: 50)
    #expect(harness.wordState(its, from: hostile) == .closed)
    #expect(harness.fastUnpin(good, token) == .unpinned)
    harness.core.checkInvariants()
  }

  @Test func reportsOfWordsThatAreNotLentOutAreIgnored() throws {
    var (harness, hostile, _, _) = try world(1 << 16)
    let before = harness.state
    for word in 0..<8 {
      harness.board[hostile, word] = ControlWord(rawValue: 1 << 16 | 1)
    }
    for _ in 0..<4 { harness.pass(milliseconds: 10) }
    #expect(harness.state == before)
    #expect(harness.core.counters.expiredLeases == 0)
  }

  @Test func aLongTermPinThatWaitsKeepsItsAllocationFromBeingLentOut() throws {
    var harness = CoreHarness()
    let handle = try harness.given(4)
    for index in 0..<4 { harness.touch(index) }
    let longTerm = Request.pin(
      CoreHarness.range(handle, 0..<2), leaseMilliseconds: 0, timeoutMilliseconds: 1000,
      isLongTerm: true)
    #expect(harness.ask(longTerm) == nil)
    harness.finishJob(.failed)  // from here on its session begins no job for a while
    _ = try harness.pinned(handle, 0..<4)
    #expect(!harness.canPinFast(handle), "it is resident now, and will not be for long")
    harness.pass(milliseconds: 100)
    harness.finishJobs()
    #expect((0..<2).allSatisfy { harness.place($0) == .host })
    harness.core.checkInvariants()
  }
}

// Sessions whose client holds up their threads: others get the memory of those that move, and are
// told what there is.

import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct HeldUpTests {
  /// Two sessions that share a device of eight frames; the first one's are the older.
  private func world() throws -> (CoreHarness, SessionID) {
    var harness = CoreHarness { $0.oversubscribe = false }
    let other = harness.connect()
    _ = try harness.given(4)
    let others = harness.allocate(2, from: other)
    #expect(others != nil)
    for index in 0..<4 { harness.touch(index) }
    return (harness, other)
  }

  @Test func whatIsEndedAndHeldUpIsWithheldUntilItComesBack() throws {
    var (harness, other) = try world()
    harness.core.disconnect(harness.client, harness.now, &harness.effects)
    #expect(harness.core.withheldFrames == 0)
    harness.core.noteHeldUp(harness.client, harness.now, &harness.effects)
    #expect(harness.core.status().withheldFrames == 4)
    #expect(harness.core.session(harness.client)?.withheldFrames == 4)
    #expect(harness.core.attainableFrames == 4)
    guard
      case .refused(let refusal) = harness.ask(
        .allocate(
          sizeBytes: 5 * CoreHarness.frame, alignmentBytes: 0, timeoutMilliseconds: 9, priority: 0),
        from: other)
    else { throw CancellationError() }
    #expect(refusal.detail == .largerThanDevice && refusal.limit <= 4 * CoreHarness.frame)
    while let range = harness.core.releaseNext(harness.client, limit: 2) {
      harness.core.released(harness.client, range, harness.now, &harness.effects)
      harness.core.checkInvariants()
    }
    #expect(harness.core.withheldFrames == 0 && harness.core.attainableFrames == 8)
    harness.core.ended(harness.client, harness.now, &harness.effects)
    #expect(harness.core.heldUpSessions.isEmpty)
  }

  @Test func reservationsOfAnEndedSessionAreFreeWithoutAnyCall() throws {
    var harness = CoreHarness()
    _ = try harness.given(6)
    harness.touch(5)
    harness.core.disconnect(harness.client, harness.now, &harness.effects)
    var steps = 1
    while harness.core.releaseReservations(
      harness.client, limit: 2, harness.now, &harness.effects)
    { steps += 1 }
    #expect(steps == 3 && harness.core.region.free == 7)
    harness.core.checkInvariants()
  }

  @Test func whoWaitsIsGivenTheMemoryOfThoseThatMove() throws {
    var harness = CoreHarness { $0.runFrames = 1 }
    let other = harness.connect()
    let third = harness.connect()
    _ = try harness.given(4)
    let others = harness.allocate(4, from: other)
    #expect(others != nil)
    for index in 0..<4 { harness.touch(index) }
    for index in 0..<4 { harness.touch(index, from: other) }
    #expect(harness.allocate(2, from: third, timeout: 9) == nil)
    let jobs = harness.jobs
    #expect(jobs.allSatisfy { $0.session == harness.client } && !jobs.isEmpty)
    harness.effects = []
    harness.core.noteHeldUp(harness.client, harness.now, &harness.effects)
    harness.collectJobs()
    #expect(harness.jobs.dropFirst(jobs.count).contains { $0.session == other })
    harness.core.checkInvariants()
    // What was held up comes in the end: it counts again, and more is asked of it.
    harness.core.completed(jobs[0], .done, harness.now, &harness.effects)
    #expect(harness.core.heldUpSessions.isEmpty)
    harness.core.tick(harness.now, &harness.effects)
    harness.core.checkInvariants()
  }
}

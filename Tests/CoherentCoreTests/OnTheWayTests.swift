// Every request that can meet a frame which is just being evicted or brought back, with what it
// promises: whichever way the frame goes, and whether that succeeds or fails.

import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct OnTheWayTests {
  /// What the middle one of three frames is on its way for.
  enum Way: CaseIterable {
    /// An administrator's eviction, from the device.
    case evicting
    /// The same of a frame whose copy is current.
    case evictingClean
    /// Advice brings it back.
    case restoring
    /// A thread's access does.
    case filling
  }

  struct Case: CustomTestStringConvertible {
    var way: Way
    var outcome: JobOutcome
    var testDescription: String { "\(way), \(outcome)" }

    static let all = Way.allCases.flatMap { way in
      [JobOutcome.done, .failed].map { Case(way: way, outcome: $0) }
    }
  }

  /// Three touched frames of four, and what ends the way of the second.
  struct World {
    var harness = CoreHarness()
    var handle: HandleID
    private var order: FillOrder?

    init(_ way: Way) throws {
      handle = try harness.given(4)
      for index in 0..<3 { harness.touch(index) }
      switch way {
      case .evicting: evict()
      case .evictingClean:
        evict()
        harness.finishJobs()
        harness.touch(1, isWrite: false)
        evict()
      case .restoring:
        evict()
        harness.finishJobs()
        harness.ask(.advise(CoreHarness.range(handle, 1..<2), .willNeed))
      case .filling:
        evict()
        harness.finishJobs()
        harness.effects = []
        let decision = harness.core.fault(
          harness.client, frame: 1, isWrite: false, isWriteProtect: false, harness.now,
          &harness.effects)
        if case .fill(let order) = decision { self.order = order }
      }
      #expect(harness.place(1) == .evicting || harness.place(1) == .restoring)
    }

    /// Another allocation is there only so that the order narrows to the second frame.
    private mutating func evict() {
      harness.ask(.advise(CoreHarness.range(handle, 1..<2), .cold))
      harness.effects = []
      harness.core.evict(
        token: 1, session: nil, handle: nil, frames: 1, timeoutMilliseconds: 100, harness.now,
        &harness.effects)
      harness.collectJobs()
    }

    /// The frame comes to rest.
    mutating func arrive(_ outcome: JobOutcome) {
      guard let order else { return harness.finishJob(outcome) }
      harness.effects = []
      if outcome == .done {
        harness.core.filled(harness.client, order, harness.now, &harness.effects)
      } else {
        harness.core.fillFailed(harness.client, order, harness.now, &harness.effects)
      }
      harness.collectJobs()
    }

    /// Everything comes to its end; the answer to the request that was sent last.
    mutating func answer(arriving outcome: JobOutcome) -> Reply? {
      var answer = harness.lastReply()
      arrive(outcome)
      answer = answer ?? harness.lastReply()
      for _ in 0..<8 where answer == nil {
        if harness.jobs.isEmpty {
          // A copy that failed pauses the session for a while.
          harness.pass(milliseconds: 100)
        } else {
          harness.finishJob()
        }
        answer = harness.lastReply()
      }
      harness.core.checkInvariants()
      return answer
    }

    func frame(_ index: Int) -> Frame {
      harness.core.sessions[harness.core.sessions.slot(of: harness.client) ?? 0].arena.frames[index]
    }
  }

  private func holdsNothing(_ frame: Frame) -> Bool {
    !frame.isResident && !frame.isPassing && !frame.flags.contains(.hasCopy)
  }

  @Test(arguments: Case.all)
  func aDiscardLeavesNothingBehind(_ given: Case) throws {
    var world = try World(given.way)
    #expect(world.harness.ask(.advise(CoreHarness.range(world.handle, 0..<3), .discard)) == nil)
    #expect(world.answer(arriving: given.outcome) == .advised(frames: 3))
    #expect((0..<3).allSatisfy { holdsNothing(world.frame($0)) })
  }

  @Test(arguments: Case.all)
  func aPinThatIsAskedForBehindADiscardHoldsNothingOfBefore(_ given: Case) throws {
    for isLongTerm in [false, true] {
      var world = try World(given.way)
      world.harness.ask(.advise(CoreHarness.range(world.handle, 0..<3), .discard))
      let reply = world.harness.ask(
        .pin(
          CoreHarness.range(world.handle, 2..<3), leaseMilliseconds: 500,
          timeoutMilliseconds: 5000, isLongTerm: isLongTerm))
      #expect(reply == nil, "the third frame is there, and is to be dropped")
      guard case .pinned = world.answer(arriving: given.outcome) else {
        Issue.record("it is granted in the end")
        continue
      }
      #expect(world.frame(2).isResident && !world.frame(2).flags.contains(.hasCopy))
      #expect(holdsNothing(world.frame(0)) && holdsNothing(world.frame(1)))
    }
  }

  @Test(arguments: Case.all)
  func aFreeEndsADiscardThatWaits(_ given: Case) throws {
    var world = try World(given.way)
    world.harness.ask(.advise(CoreHarness.range(world.handle, 1..<3), .discard))
    #expect(world.harness.ask(.free(world.handle)) == .freed)
    #expect(
      world.harness.effects.contains { effect in
        if case .reply(_, _, .advised) = effect { return true }
        return false
      }, "nothing of it is under way, and it is answered")
    world.arrive(given.outcome)
    world.harness.finishJobs()
    #expect(world.harness.core.allocationCount == 0 && world.harness.core.region.free == 8)
    world.harness.core.checkInvariants()
  }

  @Test(arguments: Case.all)
  func aFreeGivesEverythingBack(_ given: Case) throws {
    var world = try World(given.way)
    #expect(world.harness.ask(.free(world.handle)) == .freed)
    world.arrive(given.outcome)
    world.harness.finishJobs()
    #expect(world.harness.core.allocationCount == 0 && world.harness.core.region.free == 8)
    #expect(world.harness.core.hostReservedFrames == 0)
    world.harness.core.checkInvariants()
  }

  @Test(arguments: Case.all, MigrationTarget.allCases)
  func aMigrationIsAnsweredWhenEveryFrameIsThere(
    _ given: Case, _ target: MigrationTarget
  ) throws {
    var world = try World(given.way)
    #expect(
      world.harness.ask(
        .migrate(
          CoreHarness.range(world.handle, 0..<3), to: target, timeoutMilliseconds: 5000)) == nil)
    guard case .migrated(let moved, let already) = world.answer(arriving: given.outcome) else {
      Issue.record("it arrives")
      return
    }
    #expect(moved + already == 3)
    #expect((0..<3).allSatisfy { world.harness.place($0) == (target == .host ? .host : .device) })
  }

  @Test(arguments: Case.all)
  func aLongTermPinIsGrantedInHostMemory(_ given: Case) throws {
    var world = try World(given.way)
    let request = Request.pin(
      CoreHarness.range(world.handle, 0..<3), leaseMilliseconds: 0, timeoutMilliseconds: 5000,
      isLongTerm: true)
    #expect(world.harness.ask(request) == nil)
    guard case .pinned(_, _, let moved) = world.answer(arriving: given.outcome) else {
      Issue.record("it is granted")
      return
    }
    #expect(moved == 3 && (0..<3).allSatisfy { world.harness.place($0) == .host })
  }

  @Test(arguments: Case.all)
  func aPinIsGrantedWhenEveryFrameIsThere(_ given: Case) throws {
    var world = try World(given.way)
    let request = Request.pin(
      CoreHarness.range(world.handle, 0..<3), leaseMilliseconds: 500, timeoutMilliseconds: 5000)
    #expect(world.harness.ask(request) == nil)
    guard case .pinned = world.answer(arriving: given.outcome) else {
      Issue.record("it is granted")
      return
    }
    #expect((0..<3).allSatisfy { world.frame($0).isResident })
  }

  @Test(arguments: Case.all)
  func whatIsColdIsToldWithoutWhatIsOnItsWay(_ given: Case) throws {
    var world = try World(given.way)
    let onDevice = (0..<3).count { world.harness.place($0) == .device }
    #expect(
      world.harness.ask(.advise(CoreHarness.range(world.handle, 0..<3), .cold))
        == .advised(frames: UInt32(onDevice)))
    world.arrive(given.outcome)
    world.harness.core.checkInvariants()
  }

  @Test(arguments: Case.all)
  func whatWillBeNeededIsBroughtBackOnce(_ given: Case) throws {
    var world = try World(given.way)
    let jobs = world.harness.jobs.count
    #expect(
      world.harness.ask(.advise(CoreHarness.range(world.handle, 0..<3), .willNeed))
        == .advised(frames: 0))
    #expect(world.harness.jobs.count == jobs, "what is on its way is not sent out again")
    world.arrive(given.outcome)
    world.harness.core.checkInvariants()
  }

  @Test(arguments: Case.all)
  func aQueryTellsThePlaceAndChangesNothing(_ given: Case) throws {
    var world = try World(given.way)
    let before = world.harness.state
    guard
      case .queried(let answer) = world.harness.ask(
        .query(CoreHarness.range(world.handle, 1..<2)))
    else {
      Issue.record("it is answered at once")
      return
    }
    #expect(answer.runs == [PlaceRun(place: world.harness.place(1), frames: 1)])
    #expect(world.harness.state == before)
    world.arrive(given.outcome)
  }

  /// A huge discard is done in pieces, and is whole for its client all the same.
  @Test func aDiscardOfManyFramesLetsOthersPass() throws {
    var harness = CoreHarness(online: 32) {
      $0.framesPerEvent = 4
      $0.runFrames = 1
    }
    let handle = try harness.given(24)
    for index in 0..<24 { harness.touch(index) }
    #expect(harness.ask(.advise(CoreHarness.range(handle, 0..<24), .discard)) == nil)
    #expect(harness.jobs.count == 4)
    #expect(harness.ask(.statistics) != nil, "others have their turn")
    #expect(harness.allocate(4) != nil)
    for _ in 0..<5 { harness.pass(milliseconds: 1) }
    #expect(harness.jobs.count == 24)
    harness.effects = []
    while !harness.jobs.isEmpty { harness.finishJob() }
    #expect(
      harness.effects.contains { effect in
        if case .reply(_, _, .advised(frames: 24)) = effect { return true }
        return false
      })
    #expect((0..<24).allSatisfy { harness.place($0) == .stored })
    #expect(harness.core.nextDeadline == nil, "nothing was put off and forgotten")
    harness.core.checkInvariants()
  }
}

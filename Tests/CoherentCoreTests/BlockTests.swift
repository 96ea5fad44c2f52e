// Memory blocks: every state against every order, and what becomes of what lies in a block that
// goes.

import CoherentWire
import TestSupport
import Testing

@testable import CoherentCore

@Suite struct BlockTests {
  private static let other = MemoryKind(rawValue: 1)

  /// Two blocks of four frames online, room for two more.
  private func plugged(_ change: (inout CoreConfiguration) -> Void = { _ in }) -> CoreHarness {
    CoreHarness(online: 8) { configuration in
      configuration.blockFrames = 4
      configuration.maximumBlocks = 4
      change(&configuration)
    }
  }

  // MARK: states and orders

  @Test func everyStateMeetsEveryOrder() throws {
    var harness = plugged()
    #expect((0..<4).map { harness.core.blockState($0) } == [.online, .online, .absent, .absent])
    // Absent.
    #expect(harness.fault { try $0.offline([2]) } == .noSuchBlock(2))
    #expect(
      harness.fault { try $0.remove(2) } == .wrongState(2, .absent, needed: .offline))
    #expect(harness.keep(2) == false)
    #expect(try harness.add([2, 2, 1], .unbound) == [2])
    // Offline.
    #expect(try harness.add([2], .unbound) == [])
    #expect(
      harness.fault { try $0.add([3, 2], Self.other) } == .otherKind(2, .offline))
    #expect(harness.core.blockState(3) == .absent, "what is refused changes nothing")
    #expect(try harness.offline([2]) == [])
    #expect(harness.keep(2) == false)
    harness.online(2)
    // Online.
    #expect(harness.keep(2) == false)
    #expect(
      harness.fault { try $0.remove(2) } == .wrongState(2, .online, needed: .offline))
    try harness.hold(block: 2)
    #expect(try harness.offline([2, 2]) == [2])
    // Going offline.
    #expect(harness.core.blockState(2) == .goingOffline)
    #expect(try harness.offline([2]) == [])
    #expect(
      harness.fault { try $0.remove(2) }
        == .wrongState(2, .goingOffline, needed: .offline))
    #expect(try harness.add([2], .unbound) == [])
    #expect(harness.keep(2) == true)
    #expect(harness.core.blockState(2) == .online)
    harness.core.checkInvariants()
  }

  @Test func aRegionHasNoMoreBlocksThanItHasRoomFor() throws {
    var harness = plugged()
    #expect(try harness.core.absentBlocks(2) == [2, 3])
    #expect(
      harness.fault { try $0.core.absentBlocks(3) }
        == .tooMany(asked: 3, absent: 2, maximumBlocks: 4))
    for block in [4, -1] {
      #expect(
        harness.fault { try $0.add([3, block], .unbound) }
          == .beyondRegion(block, maximumBlocks: 4))
    }
    #expect(harness.core.blockState(3) == .absent)
  }

  @Test func aBlockThatWasAddedComesOnlineAndMakesRoom() throws {
    var harness = plugged { $0.oversubscribe = false }
    #expect(harness.allocate(9) == nil, "the device has eight frames")
    _ = try harness.add([3], .unbound)
    #expect(harness.core.status().onlineFrames == 8, "an offline block is no memory")
    harness.online(3)
    #expect(harness.allocate(9) != nil)
    #expect(harness.core.blocks(from: 0, limit: 9).list.map(\.block) == [0, 1, 3])
    harness.core.checkInvariants()
  }

  @Test func anEmptyBlockIsOfflineAsSoonAsItsMemoryIsGivenBack() throws {
    var harness = plugged()
    #expect(try harness.offline([1]) == [1])
    #expect(harness.core.blockState(1) == .goingOffline)
    #expect(harness.core.status().onlineFrames == 4)
    harness.carve()
    #expect(harness.core.blockState(1) == .offline)
    #expect(harness.effects.contains(.blockChanged(1, .offline)))
    #expect(harness.core.status().filledFrames == 4)
    try harness.remove(1)
    #expect(harness.core.blockState(1) == .absent)
    harness.core.checkInvariants()
  }

  // MARK: what lies there

  @Test func whatHasRoomElsewhereMovesWithoutAJob() throws {
    var harness = plugged()
    let handle = try harness.given(3)
    for frame in [1, 0] { harness.touch(frame) }
    let range = CoreHarness.range(handle, 0..<2)
    harness.ask(.pin(range, leaseMilliseconds: 50, timeoutMilliseconds: 0))
    let block = harness.blockOf(frame: 0)
    try harness.offline([block])
    #expect(harness.jobs.isEmpty, "between blocks of one kind nothing is copied, pinned or not")
    harness.carve()
    #expect(harness.core.blockState(block) == .offline)
    #expect(harness.place(0) == .device && harness.place(2) == .untouched)
    #expect(harness.core.region.free == 1)
    harness.core.checkInvariants()
  }

  @Test func whatHasNoRoomIsEvictedAndReservationsAreGivenUp() throws {
    var harness = plugged()
    _ = try harness.given(8)
    for frame in 0..<5 { harness.touch(frame) }
    try harness.offline([0])
    #expect(!harness.jobs.isEmpty)
    for job in harness.jobs { #expect(job.block == 0) }
    harness.finishJobs()
    harness.carve()
    #expect(harness.core.blockState(0) == .offline)
    let places = harness.core.status().places
    #expect(places[.stored] == 4 && places[.device] + places[.untouched] == 4)
    harness.core.checkInvariants()
  }

  @Test func memoryOfAnotherKindIsReachedByTheHostStore() throws {
    var harness = plugged()
    _ = try harness.add([2], Self.other)
    _ = try harness.given(8)
    for frame in 0..<8 { harness.touch(frame) }
    harness.online(2)
    try harness.offline([0])
    harness.finishJobs()
    harness.carve()
    #expect(harness.core.blockState(0) == .offline)
    #expect(harness.core.status().places[.device] == 8, "what was evicted came back elsewhere")
    let kinds = (0..<8).map { harness.target($0) }
    #expect(kinds.count { $0 == .device(Self.other) } == 4)
    harness.core.checkInvariants()
  }

  @Test func aPinKeepsTheBlockForItsLeaseAndNoLonger() throws {
    var harness = plugged()
    let handle = try harness.given(8)
    for frame in 0..<8 { harness.touch(frame) }
    let frame = (0..<8).first { harness.blockOf(frame: $0) == 0 }!
    let range = CoreHarness.range(handle, frame..<frame + 1)
    harness.ask(.pin(range, leaseMilliseconds: 50, timeoutMilliseconds: 0))
    let plan = try harness.core.planOffline([0])[0]
    #expect(plan.status.pinnedFrames == 1 && plan.status.holders.map(\.frames) == [1])
    #expect(plan.status.pinnedUntil == harness.now.adding(milliseconds: 50))
    #expect(plan.evictedFrames == 4 && plan.movedFrames == 0)
    try harness.offline([0], timeout: 1000)
    harness.finishJobs()
    harness.carve()
    #expect(harness.core.blockState(0) == .goingOffline)
    // Who wants a new pin stands behind, and is served when the frame is elsewhere.
    #expect(harness.ask(.pin(range, leaseMilliseconds: 50, timeoutMilliseconds: 500)) == nil)
    harness.pass(milliseconds: 51)
    harness.finishJobs()
    harness.pass(milliseconds: 10)
    harness.finishJobs()
    harness.carve()
    #expect(harness.core.blockState(0) == .offline)
    #expect(harness.core.status().pins == 1, "the one that stood behind was granted")
    harness.core.checkInvariants()
  }

  @Test func aLongTermPinIsInNobodysWay() throws {
    var harness = plugged()
    let handle = try harness.given(8)
    for frame in 0..<8 { harness.touch(frame) }
    let range = CoreHarness.range(handle, 0..<8)
    harness.ask(
      .pin(range, leaseMilliseconds: 0, timeoutMilliseconds: 100, isLongTerm: true))
    while harness.core.status().pins == 0, !harness.jobs.isEmpty { harness.finishJob() }
    try harness.offline([0, 1])
    harness.carve()
    #expect(harness.core.blockState(0) == .offline && harness.core.blockState(1) == .offline)
    #expect(harness.core.status().pins == 1)
  }

  @Test func fastPinsAreAskedBackAndRevokedInTime() throws {
    var harness = plugged()
    let handle = try harness.given(8)
    for frame in 0..<8 { harness.touch(frame) }
    let whole = CoreHarness.range(handle, 0..<8)
    guard
      case .pinned(let pin, _, _) = harness.ask(
        .pin(whole, leaseMilliseconds: 50, timeoutMilliseconds: 0))
    else { throw CoreHarness.NotGranted() }
    harness.ask(.unpin(pin))
    let token = harness.board.pin(harness.client, 0)
    #expect(token != nil, "it is lent out")
    try harness.offline([0], timeout: 5000)
    #expect(harness.core.blockState(0) == .goingOffline && harness.jobs.isEmpty)
    let lease = harness.core.configuration.defaultLeaseMilliseconds
    harness.pass(milliseconds: lease + 1)
    // The next look at the block finds them free to go.
    harness.pass(milliseconds: Core.blockRetryMilliseconds)
    harness.finishJobs()
    harness.carve()
    #expect(harness.core.blockState(0) == .offline)
  }

  // MARK: ends

  @Test func whatTakesTooLongIsOnlineAgainWithEverything() throws {
    var harness = plugged()
    let handle = try harness.given(8)
    for frame in 0..<8 { harness.touch(frame) }
    let whole = CoreHarness.range(handle, 0..<8)
    harness.ask(.pin(whole, leaseMilliseconds: 500, timeoutMilliseconds: 0))
    let low = harness.core.configuration.lowFrames
    try harness.offline([0], timeout: 30)
    harness.pass(milliseconds: 31)
    #expect(harness.core.blockState(0) == .online)
    #expect(harness.core.blocks(from: 0, limit: 1).list[0].lastFailure == .timedOut)
    #expect(harness.core.status().places[.device] == 8)
    #expect(harness.core.configuration.lowFrames == low)
    harness.core.checkInvariants()
  }

  @Test func whatDiesWhileItsBlockGoesHoldsItUpForNothing() throws {
    var harness = plugged()
    _ = try harness.given(8)
    for frame in 0..<8 { harness.touch(frame) }
    try harness.offline([0])
    harness.effects = []
    harness.core.disconnect(harness.client, harness.now, &harness.effects)
    for job in harness.jobs {
      harness.core.completed(job, .cancelled, harness.now, &harness.effects)
    }
    while let range = harness.core.releaseNext(harness.client, limit: 3) {
      harness.core.released(harness.client, range, harness.now, &harness.effects)
    }
    harness.core.ended(harness.client, harness.now, &harness.effects)
    harness.pass(milliseconds: 10)
    harness.carve()
    #expect(harness.core.blockState(0) == .offline)
    harness.core.checkInvariants()
  }

  @Test func withoutAnyBlockEverybodyKeepsTheirDataAndNobodyGetsMore() throws {
    var harness = plugged()
    let handle = try harness.given(6)
    for frame in 0..<5 { harness.touch(frame) }
    try harness.offline([0, 1])
    harness.finishJobs()
    harness.carve()
    #expect(harness.core.status().onlineFrames == 0)
    #expect(harness.core.status().places[.stored] == 6)
    let refused = harness.ask(
      .allocate(sizeBytes: 1, alignmentBytes: 0, timeoutMilliseconds: 50, priority: 0))
    guard case .refused(let refusal) = refused else {
      Issue.record("nothing is given out: \(String(describing: refused))")
      return
    }
    #expect(refusal.reason == .regionGoingOffline && refusal.detail == .noMemoryOnline)
    harness.touch(0)
    #expect(harness.place(0) == .host, "an access finds it in host memory")
    _ = try harness.add([0], .unbound)
    harness.online(0)
    #expect(
      harness.ask(
        .migrate(CoreHarness.range(handle, 0..<1), to: .device, timeoutMilliseconds: 100)) == nil)
    harness.finishJobs()
    #expect(harness.place(0) == .device, "the device is back")
    harness.core.checkInvariants()
  }

  @Test func whoWaitsForWhatThereWillNotBeIsToldAtOnce() throws {
    var harness = plugged()
    _ = try harness.given(8)
    for frame in 0..<8 { harness.touch(frame) }
    harness.ask(
      .allocate(
        sizeBytes: 6 * CoreHarness.frame, alignmentBytes: 0, timeoutMilliseconds: 1000,
        priority: 0))
    #expect(harness.lastReply() == nil)
    try harness.offline([0, 1])
    guard case .refused(let refusal) = harness.lastReply() else {
      Issue.record("no frame will be there")
      return
    }
    #expect(refusal.reason == .regionGoingOffline)
  }

  // MARK: promises

  @Test func whatWasPromisedToStayCannotBeTaken() throws {
    var harness = plugged { $0.oversubscribe = false }
    _ = try harness.given(5)
    harness.touch(0)
    let frameBytes = harness.core.configuration.frameBytes
    let used = harness.core.blocks(from: 0, limit: 2).list.map { 4 - $0.freeFrames }
    let block = used[0] > used[1] ? 0 : 1
    let holder = PinHolder(session: harness.client, process: 7, frames: used.max() ?? 0)
    let promised = BlockFault.promised(
      block, bytes: UInt64(used.max() ?? 0) * frameBytes,
      roomBytes: UInt64(4 - (used.min() ?? 0)) * frameBytes, holder: holder)
    #expect(harness.fault { try $0.offline([block]) } == promised)
    #expect(harness.fault { try $0.core.planOffline([block]) } == promised)
    #expect(harness.core.blockState(block) == .online)
    _ = try harness.add([2], .unbound)
    harness.online(2)
    #expect(try harness.offline([block]) == [block])
    harness.carve()
    #expect(harness.core.blockState(block) == .offline && harness.place(0) == .device)
    #expect(harness.jobs.isEmpty)
    harness.core.checkInvariants()
  }

  @Test func watermarksFollowWhatIsOnline() throws {
    var harness = plugged {
      $0.watermarks = Watermarks(
        minimum: .frames(1, ofDevice: 8), low: .hundredthsOfPercent(2500),
        high: .hundredthsOfPercent(5000))
    }
    #expect(harness.core.configuration.highFrames == 4 && harness.core.configuration.lowFrames == 2)
    try harness.offline([0])
    #expect(harness.core.configuration.highFrames == 2 && harness.core.configuration.lowFrames == 1)
    try harness.offline([1])
    #expect(harness.core.configuration.highFrames == 0)
    #expect(harness.core.configuration.minimumFrames == 0)
  }

  /// As many frames as were meant for the whole device would be most of a part of it.
  @Test func watermarksInBytesShrinkWithTheDevice() throws {
    var harness = plugged {
      $0.watermarks = Watermarks(
        minimum: .frames(2, ofDevice: 8), low: .frames(4, ofDevice: 8),
        high: .frames(6, ofDevice: 8))
    }
    try harness.offline([0])
    #expect(harness.core.configuration.highFrames == 3 && harness.core.configuration.lowFrames == 2)
    #expect(harness.core.configuration.minimumFrames == 1)
    _ = try harness.add([2, 3])
    for block in [2, 3] { harness.online(block) }
    #expect(harness.core.configuration.highFrames == 6, "a larger device keeps them")
  }

  // MARK: what is late

  /// What an emptied block holds is being given back; it is not announced as memory again.
  @Test func anEmptiedBlockIsNotKept() throws {
    var harness = plugged()
    try harness.offline([1])
    #expect(harness.core.region.blocks[1].isEmptied)
    #expect(harness.keep(1) == false)
    harness.carve()
    #expect(harness.core.blockState(1) == .offline)
    harness.core.checkInvariants()
  }

  /// Jobs of an earlier leaving may hang with their pager, and must not count in the next.
  @Test func whatHangsFromAnEarlierLeavingHoldsUpNoLaterOne() throws {
    var harness = plugged { $0.runFrames = 1 }
    _ = try harness.given(8)
    for frame in 0..<8 { harness.touch(frame) }
    try harness.offline([0])
    #expect(harness.core.region.blocks[0].jobsInFlight > 0)
    #expect(harness.keep(0) == true)
    try harness.offline([0])
    #expect(harness.core.region.blocks[0].jobsInFlight == 0)
    harness.finishJobs()
    harness.pass(milliseconds: 10)
    harness.finishJobs()
    harness.carve()
    #expect(harness.core.blockState(0) == .offline)
    harness.core.checkInvariants()
  }

  /// A migration that no longer fits would evict everybody in vain.
  @Test func whoWaitsForMoreThanIsLeftIsRefusedAtOnce() throws {
    var harness = plugged()
    let handle = try harness.given(6)
    for frame in 0..<6 { harness.touch(frame) }
    harness.ask(.migrate(CoreHarness.range(handle, 0..<6), to: .host, timeoutMilliseconds: 1000))
    harness.finishJobs()
    let other = try harness.given(4)
    for frame in 6..<10 { harness.touch(frame) }
    harness.ask(
      .pin(CoreHarness.range(other, 0..<4), leaseMilliseconds: 900, timeoutMilliseconds: 0))
    harness.ask(.migrate(CoreHarness.range(handle, 0..<6), to: .device, timeoutMilliseconds: 1000))
    #expect(harness.lastReply() == nil, "it waits for the pins")
    try harness.offline([0])
    guard case .refused(let refusal) = harness.lastReply() else {
      Issue.record("six frames do not fit on four")
      return
    }
    #expect(refusal.reason == .outOfDeviceMemory && refusal.detail == .largerThanDevice)
    harness.core.checkInvariants()
  }

  /// The bound of a block that is offline is nobody's any more.
  @Test func boundsOfBlocksDoNotPileUp() throws {
    var harness = plugged()
    let handle = try harness.given(1)
    harness.touch(0)
    for _ in 0..<1100 {
      try harness.offline([1], timeout: 600_000)
      harness.carve()
      harness.online(1)
    }
    harness.ask(
      .pin(CoreHarness.range(handle, 0..<1), leaseMilliseconds: 900, timeoutMilliseconds: 0))
    #expect(harness.core.deadlines.count < 100)
  }

  @Test func aBlockThatIsRemovedIsOfNoKind() throws {
    var harness = plugged()
    _ = try harness.add([2], Self.other)
    try harness.remove(2)
    #expect(harness.core.blockKind(2) == .unbound)
  }
}

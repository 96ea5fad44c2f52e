// A core made again of what the one that died had noted, and what is refused of notes that cannot
// be true.

import CoherentWire
import TestSupport
import Testing

@testable import CoherentCore

@Suite struct RecoveryTests {
  /// Four frames: on the device, evicted, untouched, and moved to the host; and four freed ones.
  private func world() throws -> (CoreHarness, HandleID) {
    var harness = CoreHarness()
    let gone = try harness.given(4)
    let handle = try harness.given(4)
    for frame in [4, 7, 5] { harness.touch(frame) }
    for (frame, target) in [(1, MigrationTarget.host), (3, .host)] {
      harness.ask(
        .migrate(
          CoreHarness.range(handle, frame..<frame + 1), to: target, timeoutMilliseconds: 10))
      harness.finishJobs()
    }
    harness.ask(.free(gone))
    harness.finishJobs()
    return (harness, handle)
  }

  private func recover(
    _ harness: inout CoreHarness, hostFrames: Int = 0,
    _ change: (inout CoreConfiguration) -> Void = { _ in }
  ) throws {
    let online = harness.core.region.online
    var configuration = harness.core.configuration
    change(&configuration)
    harness.core = try Core.recovered(
      configuration, harness.ledger.recovered(harness.board),
      filled: (0..<online).map { harness.core.region[$0].isFilled }, nextSession: 1,
      hostFrames: hostFrames, harness.now)
    harness.jobs = []
    harness.effects = []
    harness.collectJobs()
    harness.core.checkInvariants()
  }

  @Test func everyAllocationPlaceAndPinIsAsItWas() throws {
    var (harness, handle) = try world()
    let range = CoreHarness.range(handle, 0..<1)
    let request = Request.pin(range, leaseMilliseconds: 50, timeoutMilliseconds: 0)
    guard case .pinned(let pin, _, _) = harness.ask(request) else {
      Issue.record("it is pinned")
      return
    }
    let whole = CoreHarness.range(handle, 0..<4)
    let before = harness.ask(.query(whole))
    let status = harness.core.status()
    try recover(&harness)
    #expect(harness.ask(.query(whole)) == before)
    #expect(harness.core.status().places == status.places)
    #expect(harness.core.status().hostReservedFrames == status.hostReservedFrames)
    #expect(harness.core.status().device == status.device)
    harness.pass(milliseconds: 49)
    #expect(harness.core.status().pins == 1)
    #expect(harness.ask(.unpin(pin)) == .unpinned)
    #expect(harness.ask(.free(handle)) == .freed)
  }

  @Test func aLeaseRunsOutWhenItWouldHave() throws {
    var (harness, handle) = try world()
    let range = CoreHarness.range(handle, 0..<1)
    harness.ask(.pin(range, leaseMilliseconds: 50, timeoutMilliseconds: 0))
    harness.now = harness.now.adding(milliseconds: 30)
    try recover(&harness)
    harness.pass(milliseconds: 19)
    #expect(harness.core.status().pins == 1)
    harness.pass(milliseconds: 1)
    #expect(harness.core.status().pins == 0)
  }

  @Test func aLimitThatIsLowerByNowTakesNothingAway() throws {
    var (harness, handle) = try world()
    #expect(throws: RecoveryFault.self) { try recover(&harness) { $0.hostLimitFrames = 3 } }
    try recover(&harness, hostFrames: 64) { $0.hostLimitFrames = 3 }
    #expect(harness.core.status().hostReservedFrames == 4)
    #expect(harness.allocate(1) == nil, "what is asked from then on is refused")
    #expect(harness.ask(.free(handle)) == .freed)
    harness.finishJobs()
    #expect(harness.allocate(3) != nil)
  }

  @Test func anOldHandleFindsNothingEvenAfterwards() throws {
    var harness = CoreHarness()
    let first = try harness.given(1)
    harness.ask(.free(first))
    try recover(&harness)
    let second = try harness.given(1)
    #expect(first != second)
    #expect(harness.ask(.query(CoreHarness.range(first, 0..<1)))?.isRefusal == true)
  }

  @Test func whatWasLentOutIsPinnedUntilItIsTaken() throws {
    var harness = CoreHarness()
    let handle = try harness.given(2)
    harness.touch(0)
    harness.touch(1)
    let whole = CoreHarness.range(handle, 0..<2)
    guard
      case .pinned(let pin, _, _) = harness.ask(
        .pin(whole, leaseMilliseconds: 0, timeoutMilliseconds: 0))
    else {
      Issue.record("it is pinned")
      return
    }
    let slot = Int(handle.rawValue & 0xffff_ffff)
    let token = harness.board.pin(harness.client, slot)
    #expect(token != nil, "the word is open")
    #expect(harness.ask(.unpin(pin)) == .unpinned)
    try recover(&harness)
    #expect(harness.allocate(8, timeout: 10) == nil, "what is pinned fast stays")
    if let token { _ = harness.board.unpin(harness.client, slot, token) }
    harness.ask(.release(handle))
    harness.finishJobs()
    #expect(harness.core.status().places[.device] < 2)
  }

  @Test func wordsThatAClientOpenedItselfAreClosed() throws {
    var (harness, handle) = try world()
    let slot = Int(handle.rawValue & 0xffff_ffff)
    harness.board[harness.client, slot] = .init(rawValue: 1 << 16 | 3)
    harness.board[harness.client, 6] = .init(rawValue: 1 << 16 | 1)
    try recover(&harness)
    #expect(!harness.board[harness.client, slot].isResident)
    #expect(!harness.board[harness.client, 6].isResident)
  }

  // MARK: repeats

  @Test func whatWasDoneIsNotDoneTwice() throws {
    var harness = CoreHarness()
    let allocate = Request.allocate(
      sizeBytes: 1, alignmentBytes: 0, timeoutMilliseconds: 0, priority: 128)
    guard case .allocated(let handle, _, _, _) = harness.askAgain(allocate, 70) else {
      Issue.record("a repeat of what was never done is done")
      return
    }
    try recover(&harness)
    guard case .allocated(handle, _, _, _) = harness.askAgain(allocate, 70) else {
      Issue.record("it is answered with what was granted")
      return
    }
    #expect(harness.core.allocationCount == 1)
    harness.touch(0)
    let pin = Request.pin(
      CoreHarness.range(handle, 0..<1), leaseMilliseconds: 50, timeoutMilliseconds: 0)
    guard case .pinned(let held, _, _) = harness.askAgain(pin, 71) else {
      Issue.record("it is pinned")
      return
    }
    try recover(&harness)
    #expect(harness.askAgain(pin, 71) == .pinned(held, leaseMilliseconds: 50, movedFrames: 0))
    #expect(harness.core.status().pins == 1)
    #expect(harness.askAgain(.unpin(held), 72) == .unpinned)
    try recover(&harness)
    #expect(harness.askAgain(.unpin(held), 72) == .unpinned)
    #expect(harness.askAgain(.free(handle), 73) == .freed)
    try recover(&harness)
    #expect(harness.askAgain(.free(handle), 73) == .freed)
  }

  // MARK: what cannot be true

  private func fault(
    _ change: (inout RecoveredSession) -> Void
  ) throws -> String? {
    let (harness, handle) = try world()
    var session = harness.ledger.recovered(harness.board)[0]
    session.pins = [
      PinRecord(
        state: .live, identifier: 0, allocation: handle.rawValue, first: 4, count: 1,
        grantedAt: harness.now, deadline: harness.now, isLongTerm: false, createdBy: 1)
    ]
    change(&session)
    do {
      _ = try Core.recovered(
        harness.core.configuration, [session], filled: [Bool](repeating: true, count: 8),
        nextSession: 1, hostFrames: 0, harness.now)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func recordsThatDisagreeAreRefusedBySentence() throws {
    #expect(try fault { _ in } == nil)
    #expect(try fault { $0.allocations[1]?.count = 0 } != nil)
    #expect(try fault { $0.allocations[1]?.first = .max } != nil)
    #expect(try fault { $0.allocations[1]?.identifier += 1 } != nil)
    #expect(
      try fault {
        $0.allocations[0]?.state = .live
        $0.allocations[0]?.first = 5
      } != nil)
    #expect(try fault { $0.allocations[1]?.state = .expired } != nil)
    #expect(try fault { $0.frames[4] = FrameRecord(rawValue: 9) } != nil)
    #expect(try fault { $0.frames[4] = .stored } == nil, "such a pin was given up")
    #expect(try fault { $0.pins[0]?.isLongTerm = true } != nil, "never on the device")
    #expect(try fault { $0.pins[0]?.first = 3 } != nil)
    #expect(try fault { $0.pins[0]?.count = .max } != nil)
    #expect(try fault { $0.pins[0]?.allocation = 77 } != nil)
    #expect(try fault { $0.frames += [FrameRecord](repeating: .zero, count: 64) } != nil)
    #expect(
      try fault {
        $0.allocations[1]?.count = 12
        $0.frames += [FrameRecord](repeating: .device, count: 8)
      } != nil, "there are eight device frames")
  }

  @Test func anyNumbersAreRefusedOrMakeASoundCore() {
    var random = SystemRandomNumberGenerator()
    var configuration = CoreConfiguration()
    configuration.onlineFrames = 8
    configuration.arenaFrames = 16
    for _ in 0..<3000 {
      var session = RecoveredSession(id: SessionID(rawValue: 1), process: 1)
      session.frames = (0..<Int.random(in: 0...16)).map { _ in
        FrameRecord(rawValue: UInt8.random(in: 0...6))
      }
      session.allocations = (0..<3).map { slot in
        AllocationRecord(
          state: .live, identifier: UInt64.random(in: 0...1) << 32 | UInt64(slot),
          first: UInt32.random(in: 0...16), count: UInt32.random(in: 0...6), priority: 128,
          createdBy: 1)
      }
      session.pins = (0..<2).map { slot in
        PinRecord(
          state: .live, identifier: UInt64(slot), allocation: UInt64.random(in: 0...2),
          first: UInt32.random(in: 0...16), count: UInt32.random(in: 0...3),
          grantedAt: Instant(nanoseconds: 0), deadline: Instant(nanoseconds: 5),
          isLongTerm: Bool.random(using: &random), createdBy: 1)
      }
      session.openWords = [Int.random(in: 0...4)]
      session.closingWords = [Int.random(in: 0...4)]
      let filled = (0..<8).map { _ in Bool.random(using: &random) }
      let core = try? Core.recovered(
        configuration, [session], filled: filled, nextSession: 1, hostFrames: 0,
        Instant(nanoseconds: 1))
      core?.checkInvariants()
    }
  }
}

extension Reply {
  fileprivate var isRefusal: Bool {
    if case .refused = self { return true }
    return false
  }
}

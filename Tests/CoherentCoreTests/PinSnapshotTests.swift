// The list of pins: every pin is in it once, with its age, its end, its renewals and its waiters,
// and what is not known of a fast pin is not claimed.

import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct PinSnapshotTests {
  private static let milli: UInt64 = 1_000_000

  /// A client with four resident frames, all of the device.
  private func world() throws -> (CoreHarness, HandleID) {
    var harness = CoreHarness(online: 4)
    let handle = try harness.given(4)
    for index in 0..<4 { harness.touch(index) }
    return (harness, handle)
  }

  @discardableResult
  private func pin(
    _ harness: inout CoreHarness, _ handle: HandleID, _ frames: Range<Int>, _ lease: UInt32 = 200
  ) -> PinID? {
    let request = Request.pin(
      CoreHarness.range(handle, frames), leaseMilliseconds: lease, timeoutMilliseconds: 0)
    if case .pinned(let pin, _, _) = harness.ask(request) { return pin }
    return nil
  }

  private func held(_ pin: PinID?) throws -> PinID {
    guard let pin else { throw CoreHarness.NotGranted() }
    return pin
  }

  private func list(_ harness: CoreHarness, limit: Int = 64) -> [PinStatus] {
    var list: [PinStatus] = []
    var cursor: Core.PinCursor? = .pin(0)
    while let from = cursor {
      let page = harness.core.pins(of: harness.client, from: from, limit: limit, harness.now) {
        let word = harness.board[harness.client, $0]
        return FastPins(epoch: word.epoch, count: Int(word.count))
      }
      #expect(page.list.count <= limit)
      list += page.list
      cursor = page.next
    }
    return list
  }

  @Test func aRequestPinTellsItsRangeItsAgeAndItsEnd() throws {
    var (harness, handle) = try world()
    pin(&harness, handle, 1..<3)
    let start = harness.now
    harness.pass(milliseconds: 30)
    let pin = try #require(list(harness).first)
    #expect(pin.kind == .request && pin.handle == handle && pin.process == 7)
    #expect(pin.firstFrame == 1 && pin.frames == 2 && pin.count == 1)
    #expect(pin.since == start && pin.until == start.adding(milliseconds: 200))
    #expect(pin.renewals == 0 && pin.waiting == 0)
  }

  @Test func aPinRenewsTheOneBeforeItOnTheSameRangeOnly() throws {
    var (harness, handle) = try world()
    func renewals(_ frames: Range<Int>, after milliseconds: UInt32) -> UInt64? {
      harness.pass(milliseconds: milliseconds)
      pin(&harness, handle, frames, 200)
      return list(harness).last { $0.since == harness.now }?.renewals
    }
    #expect(renewals(0..<2, after: 0) == 0)
    #expect(renewals(0..<2, after: 100) == 1, "while one is held")
    #expect(renewals(0..<2, after: 290) == 2, "soon after its lease")
    #expect(renewals(1..<2, after: 1) == 0, "another range")
    #expect(renewals(1..<2, after: 301) == 0, "long after")
  }

  @Test func fastPinsAreOneEntryWhoseAgeIsThatOfTheFirstLook() throws {
    var (harness, handle) = try world()
    let request = try held(pin(&harness, handle, 0..<4))
    harness.ask(.unpin(request))
    let word = Int(handle.rawValue & 0xffff_ffff)
    #expect(list(harness) == [], "a word that is lent out is no pin")
    let tokens = (0..<3).compactMap { _ in harness.board.pin(harness.client, word) }
    #expect(tokens.count == 3)
    var seen = try #require(list(harness).first)
    #expect(seen.kind == .fast && seen.count == 3 && seen.frames == 4 && seen.firstFrame == 0)
    #expect(seen.since == harness.now, "nobody has looked before")
    harness.pass(milliseconds: 50)
    let look = harness.now
    harness.pass(milliseconds: 20)
    seen = try #require(list(harness).first)
    #expect(seen.since == look && seen.until == look.adding(milliseconds: 100))
    #expect(seen.renewals == 0)
    #expect(harness.board.pin(harness.client, word) != nil)
    seen = try #require(list(harness).first)
    #expect(seen.renewals == 1 && seen.count == 4 && seen.since == harness.now)
    harness.pass(milliseconds: 30)
    #expect(list(harness).first?.renewals == 1, "a renewal is counted once")
  }

  @Test func aLookThatFindsNoFastPinEndsTheRowOfRenewals() throws {
    var (harness, handle) = try world()
    let request = try held(pin(&harness, handle, 0..<4))
    harness.ask(.unpin(request))
    let word = Int(handle.rawValue & 0xffff_ffff)
    let first = harness.board.pin(harness.client, word)
    harness.pass(milliseconds: 50)
    let second = harness.board.pin(harness.client, word)
    for token in [first, second].compactMap(\.self) {
      _ = harness.board.unpin(harness.client, word, token)
    }
    harness.pass(milliseconds: 50)
    #expect(harness.board.pin(harness.client, word) != nil)
    #expect(list(harness).first?.renewals == 0)
  }

  @Test func aLongTermPinHasNoEnd() throws {
    var (harness, handle) = try world()
    harness.ask(
      .pin(
        CoreHarness.range(handle, 0..<2), leaseMilliseconds: 0, timeoutMilliseconds: 10,
        isLongTerm: true))
    harness.finishJobs()
    let pin = try #require(list(harness).first)
    #expect(pin.kind == .longTerm && pin.frames == 2 && pin.until == .never)
  }

  @Test func whoNeedsTheFramesOfAPinWaitsForIt() throws {
    var (harness, handle) = try world()
    pin(&harness, handle, 0..<4)
    let other = harness.connect()
    #expect(harness.allocate(2, from: other, timeout: 100) == nil)
    let start = harness.now
    harness.pass(milliseconds: 10)
    let pin = try #require(list(harness).first)
    #expect(pin.waiting == 1)
    #expect(
      pin.waiters == [
        WaiterStatus(
          session: other, process: 7, wish: .allocate, frames: 2, since: start,
          until: start.adding(milliseconds: 100))
      ])
  }

  @Test func whoCanBeServedByAnEvictionWaitsForNoPin() throws {
    var (harness, handle) = try world()
    pin(&harness, handle, 0..<2)
    #expect(harness.allocate(2, from: harness.connect(), timeout: 100) == nil)
    #expect(list(harness).first?.waiting == 0)
  }

  @Test func whoWantsToMoveARangeWaitsForThePinsOnItAlone() throws {
    var (harness, handle) = try world()
    pin(&harness, handle, 0..<1)
    pin(&harness, handle, 3..<4)
    harness.core.migrate(
      token: 5, session: harness.client, handle: handle, to: .host, timeoutMilliseconds: 100,
      harness.now, &harness.effects)
    harness.collectJobs()
    #expect(list(harness).map(\.waiting) == [1, 1])
    #expect(list(harness)[0].waiters.first?.session == nil, "an administrator has none")
    harness.ask(
      .migrate(CoreHarness.range(handle, 3..<4), to: .host, timeoutMilliseconds: 100))
    #expect(list(harness).map(\.waiting) == [1, 2])
    #expect(list(harness)[1].waiters.last?.wish == .migrate(.host))
  }

  @Test(arguments: 1...3) func pagesOfAnyLengthHoldEveryPinOnce(limit: Int) throws {
    var (harness, handle) = try world()
    let request = try held(pin(&harness, handle, 0..<4))
    for index in 0..<3 { pin(&harness, handle, index..<index + 1) }
    #expect(harness.board.pin(harness.client, Int(handle.rawValue & 0xffff_ffff)) != nil)
    harness.ask(.unpin(request))
    let pins = list(harness, limit: limit)
    #expect(pins.map(\.kind) == [.request, .request, .request, .fast])
    #expect(pins.map(\.firstFrame) == [0, 1, 2, 0])
  }
}

// Each cause, brought about by what causes it: who is named, for whom, and how much.

import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct CoreHistoryTests {
  private func entries(
    _ harness: inout CoreHarness, _ kind: HistoryEntry.Kind
  ) -> [HistoryEntry] {
    harness.core.checkInvariants()
    return harness.core.history(after: 0, limit: 1000).entries.filter { $0.kind == kind }
  }

  private func evict(
    _ harness: inout CoreHarness, _ handle: HandleID?, frames: Int = .max
  ) {
    harness.effects = []
    harness.core.evict(
      token: 1, session: handle == nil ? nil : harness.client, handle: handle, frames: frames,
      timeoutMilliseconds: 100, harness.now, &harness.effects)
    harness.collectJobs()
    harness.finishJobs()
  }

  private func bytes(_ frames: Int) -> UInt64 { UInt64(frames) * CoreHarness.frame }

  @Test func anAdministratorsOrderIsNamed() throws {
    var harness = CoreHarness()
    let handle = try harness.given(4)
    for index in 0..<3 { harness.touch(index) }
    evict(&harness, handle)
    let found = entries(&harness, .evicted)
    #expect(found.count == 1, "three written frames and a reservation are one entry")
    #expect(found[0].allocation == handle && found[0].bytes == bytes(4))
    #expect(found[0].origin == Origin(.administrator) && found[0].process == 7)
    #expect(harness.core.counters.evictedFrames == 4)
  }

  @Test func pressureIsBlamedOnWhoTookTheFrames() throws {
    var harness = CoreHarness {
      $0.lowFrames = 3
      $0.highFrames = 5
      $0.runFrames = 1
    }
    let cold = try harness.given(3)
    for index in 0..<3 { harness.touch(index) }
    let other = harness.connect()
    #expect(harness.allocate(3, from: other) != nil)
    harness.finishJobs()
    let found = entries(&harness, .evicted)
    #expect(found.map(\.allocation) == [cold] && found.map(\.bytes) == [bytes(3)])
    #expect(found.map(\.origin) == [Origin(.pressure, session: other, process: 7)])
    let pressure = entries(&harness, .pressure)
    #expect(pressure.map(\.origin.cause) == [.began, .ended])
    #expect(pressure.map(\.origin.session) == [other, nil])
    #expect(pressure.map(\.bytes) == [bytes(2), bytes(5)])
  }

  @Test func anAllocationThatWaitsIsNamed() throws {
    var harness = CoreHarness()
    let handle = try harness.given(8)
    for index in 0..<8 { harness.touch(index) }
    let other = harness.connect()
    #expect(harness.allocate(2, from: other, timeout: 1000) == nil)
    harness.finishJobs()
    let found = entries(&harness, .evicted)
    #expect(found.map(\.origin) == [Origin(.allocation, session: other, process: 7)])
    #expect(found.map(\.allocation) == [handle] && found.map(\.session) == [harness.client])
  }

  @Test func aRunOfTwoAllocationsIsTwoEntries() throws {
    var harness = CoreHarness()
    let handles = [try harness.given(4), try harness.given(4)]
    for index in 0..<8 { harness.touch(index) }
    evict(&harness, nil)
    let found = entries(&harness, .evicted)
    #expect(found.map(\.allocation) == handles && found.map(\.bytes) == [bytes(4), bytes(4)])
  }

  @Test func aFailedEvictionIsNone() throws {
    var harness = CoreHarness()
    let handle = try harness.given(2)
    for index in 0..<2 { harness.touch(index) }
    harness.effects = []
    harness.core.evict(
      token: 1, session: harness.client, handle: handle, frames: 2, timeoutMilliseconds: 100,
      harness.now, &harness.effects)
    harness.collectJobs()
    harness.finishJob(.failed)
    #expect(entries(&harness, .evicted).isEmpty)
  }

  @Test func anAccessRestoresAndAFirstTouchDoesNot() throws {
    var harness = CoreHarness()
    let handle = try harness.given(2)
    harness.touch(0)
    evict(&harness, handle)
    harness.touch(0)
    harness.touch(1)
    let found = entries(&harness, .restored)
    #expect(found.map(\.origin) == [Origin(.access)] && found.map(\.bytes) == [bytes(1)])
    #expect(harness.core.counters.restoredFrames == 1)
  }

  @Test func aPinAdviceAndAMigrationRestoreForTheirOwner() throws {
    let requests: [((HandleRange) -> Request, Cause)] = [
      ({ .pin($0, leaseMilliseconds: 0, timeoutMilliseconds: 9) }, .pin),
      ({ .advise($0, .willNeed) }, .advice),
      ({ .migrate($0, to: .device, timeoutMilliseconds: 9) }, .migration),
      ({ .migrate($0, to: .host, timeoutMilliseconds: 9) }, .migration),
      ({ .pin($0, leaseMilliseconds: 0, timeoutMilliseconds: 9, isLongTerm: true) }, .longTermPin),
    ]
    for (request, cause) in requests {
      var harness = CoreHarness()
      let handle = try harness.given(2)
      for index in 0..<2 { harness.touch(index) }
      evict(&harness, handle)
      harness.ask(request(CoreHarness.range(handle, 0..<2)))
      harness.finishJobs()
      let found = entries(&harness, .restored)
      #expect(found.map(\.origin) == [Origin(cause, session: harness.client, process: 7)])
      #expect(found.map(\.bytes) == [bytes(2)])
    }
  }

  @Test func theOwnersOwnMoveIsNoPressure() throws {
    for (isLongTerm, cause) in [(false, Cause.migration), (true, .longTermPin)] {
      var harness = CoreHarness()
      let handle = try harness.given(2)
      for index in 0..<2 { harness.touch(index) }
      let range = CoreHarness.range(handle, 0..<2)
      harness.ask(
        isLongTerm
          ? .pin(range, leaseMilliseconds: 0, timeoutMilliseconds: 9, isLongTerm: true)
          : .migrate(range, to: .host, timeoutMilliseconds: 9))
      harness.finishJobs()
      let found = entries(&harness, .evicted)
      #expect(found.map(\.origin) == [Origin(cause, session: harness.client, process: 7)])
    }
  }

  @Test func aMigrationThatNeedsRoomIsNamedByItsVictim() throws {
    var harness = CoreHarness()
    let mine = try harness.given(4)
    for index in 0..<4 { harness.touch(index) }
    evict(&harness, mine)
    let other = harness.connect()
    let given = harness.allocate(8, from: other)
    let handle = try #require(given)
    for index in 0..<8 { harness.touch(index, from: other) }
    harness.ask(.migrate(CoreHarness.range(mine, 0..<4), to: .device, timeoutMilliseconds: 99))
    harness.finishJobs()
    let found = entries(&harness, .evicted).filter { $0.session == other }
    #expect(found.map(\.allocation) == [handle])
    #expect(found.map(\.origin) == [Origin(.migration, session: harness.client, process: 7)])
  }

  @Test func whatHadToGoToTheHostIsPromoted() throws {
    var harness = CoreHarness()
    let handle = try harness.given(4)
    harness.touch(0)
    evict(&harness, handle)
    let filler = try harness.given(5)
    harness.ask(
      .pin(CoreHarness.range(handle, 1..<4), leaseMilliseconds: 0, timeoutMilliseconds: 9))
    harness.touch(0)
    #expect(harness.place(0) == .host)
    #expect(harness.ask(.free(filler)) == .freed)
    harness.pass(milliseconds: 10)
    harness.finishJobs()
    let found = entries(&harness, .evicted)
    #expect(found.last?.origin == Origin(.promotion) && found.last?.bytes == bytes(1))
  }

  @Test func aLeaseThatRanOutIsRevokedForWhoWaits() throws {
    var harness = CoreHarness()
    let handle = try harness.given(8)
    for index in 0..<8 { harness.touch(index) }
    harness.ask(
      .pin(CoreHarness.range(handle, 0..<8), leaseMilliseconds: 50, timeoutMilliseconds: 9))
    let other = harness.connect()
    #expect(harness.allocate(8, from: other, timeout: 1000) == nil)
    harness.pass(milliseconds: 200)
    let found = entries(&harness, .revoked)
    #expect(!found.isEmpty && found.allSatisfy { $0.allocation == handle })
    #expect(found[0].origin == Origin(.lease, session: other, process: 7))
    #expect(found[0].bytes == bytes(8))
  }

  @Test func aRefusalNamesWhoIsInTheWay() throws {
    var harness = CoreHarness()
    let handle = try harness.given(8)
    for index in 0..<8 { harness.touch(index) }
    harness.ask(
      .pin(CoreHarness.range(handle, 0..<7), leaseMilliseconds: 50, timeoutMilliseconds: 9))
    let other = harness.connect()
    #expect(harness.allocate(8, from: other) == nil)
    #expect(harness.ask(.free(HandleID(rawValue: 99)), from: other) != .freed)
    let found = entries(&harness, .refused)
    #expect(found.map(\.session) == [other, other])
    #expect(
      found.map(\.origin) == [
        Origin(.deviceFull, session: harness.client, process: 7), Origin(.invalidRequest),
      ])
    #expect(found.map(\.bytes) == [bytes(8), 0])
  }

  @Test func aFloodOfRefusalsIsOneEntryASecond() throws {
    var harness = CoreHarness()
    for _ in 0..<500 { harness.ask(.free(HandleID(rawValue: 99))) }
    let found = entries(&harness, .refused)
    #expect(found.count == 1 && found[0].count == 500)
  }

  @Test func whatIsAskedForMayBeAnyNumber() throws {
    var harness = CoreHarness { $0.oversubscribe = false }
    for _ in 0..<3 {
      harness.ask(
        .allocate(sizeBytes: .max, alignmentBytes: 0, timeoutMilliseconds: 0, priority: 0))
    }
    let found = entries(&harness, .refused)
    #expect(found.map(\.count) == [3] && found[0].bytes == UInt64(Int64.max))
  }

  @Test func comingAndGoingIsNoted() throws {
    var harness = CoreHarness()
    let other = harness.connect()
    _ = harness.connect()
    guard case .failure = harness.core.connect(process: 9, harness.now) else {
      Issue.record("there is no fourth")
      return
    }
    harness.core.disconnect(other, harness.now, &harness.effects)
    let found = entries(&harness, .session)
    #expect(found.map(\.origin.cause) == [.began, .began, .began, .ended])
    #expect(found.last?.session == other)
    let refused = entries(&harness, .refused)
    #expect(refused.map(\.origin) == [Origin(.limit)] && refused.map(\.process) == [9])
  }

  @Test func dataThatIsLostIsSaid() {
    var harness = CoreHarness()
    harness.core.noteLost(
      session: SessionID(rawValue: 40), process: 12, bytes: bytes(3), because: .recovery,
      harness.now)
    let found = entries(&harness, .dataLost)
    #expect(found.map(\.bytes) == [bytes(3)] && found.map(\.process) == [12])
  }
}

// Every request with every bad argument: a refusal by name, and nothing has changed.

import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct BadArgumentTests {
  private static let frame = CoreHarness.frame

  /// Each way in which a range can be wrong, for an allocation of two frames.
  private func badRanges(_ handle: HandleID) -> [(HandleRange, Refusal.Detail)] {
    let strange = HandleID(rawValue: handle.rawValue | 1 << 40)
    return [
      (HandleRange(handle: handle, offsetBytes: 0, lengthBytes: 0), .zeroLength),
      (HandleRange(handle: handle, offsetBytes: 0, lengthBytes: 2 * Self.frame + 1), .pastTheEnd),
      (HandleRange(handle: handle, offsetBytes: 2 * Self.frame, lengthBytes: 1), .pastTheEnd),
      (HandleRange(handle: handle, offsetBytes: .max, lengthBytes: 2), .pastTheEnd),
      (HandleRange(handle: handle, offsetBytes: 1, lengthBytes: .max), .pastTheEnd),
      (HandleRange(handle: strange, offsetBytes: 0, lengthBytes: 1), .unknownHandle),
      (
        HandleRange(handle: HandleID(rawValue: .max), offsetBytes: 0, lengthBytes: 1),
        .unknownHandle
      ),
    ]
  }

  private func expectRefused(
    _ harness: inout CoreHarness, _ request: Request, _ reason: Refusal.Reason,
    _ detail: Refusal.Detail
  ) {
    let before = harness.state
    guard case .refused(let refusal) = harness.ask(request) else {
      Issue.record("\(request) is refused")
      return
    }
    #expect(refusal.reason == reason && refusal.detail == detail, "\(request)")
    #expect(harness.state == before, "\(request) changed nothing")
    #expect(harness.jobs.isEmpty)
  }

  @Test func aBadRangeIsRefusedByEveryRequestThatTakesOne() throws {
    var harness = CoreHarness()
    let handle = try harness.given(2)
    for (range, detail) in badRanges(handle) {
      var requests: [Request] = [
        .pin(range, leaseMilliseconds: 1, timeoutMilliseconds: 1), .query(range),
      ]
      requests += MigrationTarget.allCases.map { .migrate(range, to: $0, timeoutMilliseconds: 1) }
      requests += Advice.allCases.map { .advise(range, $0) }
      for request in requests { expectRefused(&harness, request, .invalidRange, detail) }
    }
  }

  @Test func theFirstAndTheLastByteOfAnAllocationAreInIt() throws {
    var harness = CoreHarness()
    let handle = try harness.given(2)
    for offset in [0, 2 * Self.frame - 1] {
      let range = HandleRange(handle: handle, offsetBytes: offset, lengthBytes: 1)
      guard case .queried(let answer) = harness.ask(.query(range)) else {
        Issue.record("offset \(offset) is inside")
        continue
      }
      #expect(answer.frames == 1)
    }
  }

  @Test func timesAreBoundedAtTheLimitOnly() throws {
    var harness = CoreHarness()
    let handle = try harness.given(2)
    let range = CoreHarness.range(handle, 0..<1)
    expectRefused(
      &harness, .pin(range, leaseMilliseconds: 10_001, timeoutMilliseconds: 1), .leaseTooLong, .none
    )
    for request: Request in [
      .pin(range, leaseMilliseconds: 1, timeoutMilliseconds: 60_001),
      .migrate(range, to: .host, timeoutMilliseconds: 60_001),
      .allocate(
        sizeBytes: 1, alignmentBytes: 0, timeoutMilliseconds: 60_001, priority: 0),
    ] {
      expectRefused(&harness, request, .invalidRange, .timeoutTooLong)
    }
    #expect(
      harness.ask(.pin(range, leaseMilliseconds: 10_000, timeoutMilliseconds: 60_000)) == nil)
  }

  @Test func handshakesAndNamesNobodyGaveAreRefused() throws {
    var harness = CoreHarness()
    expectRefused(
      &harness, .hello(lowestVersion: 1, highestVersion: 1), .protocolViolation, .outOfOrder)
    expectRefused(
      &harness, .attach(baseAddress: 0, lengthBytes: 0), .protocolViolation, .outOfOrder)
    expectRefused(&harness, .free(HandleID(rawValue: 5)), .invalidRange, .unknownHandle)
    expectRefused(&harness, .unpin(PinID(rawValue: 5)), .invalidRange, .unknownPin)
    expectRefused(
      &harness,
      .allocate(sizeBytes: 0, alignmentBytes: 0, timeoutMilliseconds: 0, priority: 0),
      .invalidRange, .zeroLength)
  }

  @Test func nothingIsGrantedBeforeTheArenaIsAttached() {
    var harness = CoreHarness()
    guard case .success(let id) = harness.core.connect(process: 1, harness.now) else {
      Issue.record("there is room for a session")
      return
    }
    guard case .refused(let refusal) = harness.ask(.statistics, from: id) else {
      Issue.record("it is refused")
      return
    }
    #expect(refusal.detail == .outOfOrder)
  }

  @Test func sessionsAreLimitedAtTheLimitOnly() {
    var harness = CoreHarness()
    #expect(harness.connect().rawValue == 2 && harness.connect().rawValue == 3)
    guard case .failure(let refusal) = harness.core.connect(process: 1, harness.now) else {
      Issue.record("the fourth of three is refused")
      return
    }
    #expect(refusal.detail == .tooManySessions && refusal.asked == 4 && refusal.limit == 3)
  }

  @Test func requestsUnderWayAreLimitedButGivingBackIsNot() throws {
    var harness = CoreHarness { $0.oversubscribe = false }
    let handle = try harness.given(8)
    let request = Request.allocate(
      sizeBytes: 1, alignmentBytes: 0, timeoutMilliseconds: 100, priority: 0)
    for _ in 0..<4 { #expect(harness.ask(request) == nil) }
    expectRefused(&harness, request, .overLimit, .tooManyRequests)
    #expect(harness.ask(.free(handle)) == .freed)
    #expect(harness.core.waiters.count == 0, "and what waited for it goes on")
  }
}

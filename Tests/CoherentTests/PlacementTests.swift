// What a client makes of the daemon's answers about places.

import Coherent
import CoherentWire
import TestSupport
import Testing

@Suite(.enabled(if: KernelRight.userfaultfd.isThere, "\(KernelRight.userfaultfd)"))
struct PlacementTests {
  private static let frame = FakeDaemon.frameBytes

  @Test func runsBecomeRangesCutToWhatWasAsked() throws {
    let frame = Self.frame
    let answers: [[(CoherentWire.Place, UInt32)]] = [[(.device, 1), (.stored, 2)]]
    let range = frame / 2..<3 * frame - 5
    try expect(
      range, answers,
      [
        Buffer.PlaceRange(range: frame / 2..<frame, place: .device),
        Buffer.PlaceRange(range: frame..<3 * frame - 5, place: .stored),
      ])
  }

  @Test func whatDidNotFitIsAskedForAgain() throws {
    let frame = Self.frame
    try expect(
      0..<4 * frame, [[(.host, 1), (.untouched, 1)], [(.evicting, 1)], [(.restoring, 1)]],
      [
        Buffer.PlaceRange(range: 0..<frame, place: .host),
        Buffer.PlaceRange(range: frame..<2 * frame, place: .untouched),
        Buffer.PlaceRange(range: 2 * frame..<3 * frame, place: .evicting),
        Buffer.PlaceRange(range: 3 * frame..<4 * frame, place: .restoring),
      ])
  }

  @Test func anAnswerWithoutARunIsAViolation() throws {
    try withBuffer { daemon in
      guard let received = daemon.next() else { return }
      daemon.send(.queried(QueryAnswer()), to: received.id)
    } buffer: { buffer in
      #expect(
        refusal { () throws(CoherentError) in try buffer.query() }?.reason == .protocolViolation)
    }
  }

  @Test func migrationAndAdviceAreAskedForAsTheyAre() throws {
    let whole = HandleRange(
      handle: HandleID(rawValue: 42), offsetBytes: 0, lengthBytes: UInt64(4 * Self.frame))
    let part = HandleRange(handle: HandleID(rawValue: 42), offsetBytes: 1, lengthBytes: 4)
    let exchanges: [(Request, Reply)] = [
      (
        .migrate(whole, to: .host, timeoutMilliseconds: 10_000),
        .migrated(movedFrames: 3, alreadyFrames: 1)
      ),
      (
        .migrate(part, to: .device, timeoutMilliseconds: 0),
        .migrated(movedFrames: 0, alreadyFrames: 1)
      ),
      (.advise(whole, .willNeed), .advised(frames: 4)),
      (.advise(part, .cold), .advised(frames: 1)),
      (.advise(whole, .discard), .advised(frames: 4)),
    ]
    try withBuffer { daemon in
      for (request, reply) in exchanges {
        guard let received = daemon.next() else { return }
        #expect(received.request == request)
        daemon.send(reply, to: received.id)
      }
    } buffer: { buffer in
      let toHost = try buffer.migrate(to: .host)
      #expect(toHost == (3, 1))
      let toDevice = try buffer.migrate(to: .device, range: 1..<5, timeout: .seconds(-1))
      #expect(toDevice == (0, 1))
      let advised = [
        try buffer.advise(.willNeed), try buffer.advise(.cold, range: 1..<5),
        try buffer.advise(.discard),
      ]
      #expect(advised == [4, 1, 4])
    }
  }

  @Test func statisticsAreTheDaemonsNumbers() throws {
    try FakeSession.run { daemon in
      guard let received = daemon.next() else { return }
      var answer = StatisticsAnswer()
      answer.capacityBytes = 1 << 30
      answer.storedBytes = .max
      answer.faults = 5
      daemon.send(.statistics(answer), to: received.id)
    } client: { client in
      let statistics = try client.statistics()
      #expect(statistics.capacityBytes == 1 << 30)
      #expect(statistics.storedBytes == Int.max)
      #expect(statistics.faults == 5)
    }
  }

  private func expect(
    _ range: Range<Int>, _ answers: [[(CoherentWire.Place, UInt32)]],
    _ expected: [Buffer.PlaceRange]
  ) throws {
    try withBuffer { daemon in
      for runs in answers {
        guard let received = daemon.next() else { return }
        guard case .query(let asked) = received.request else { return }
        var answer = QueryAnswer()
        let first = asked.offsetBytes / UInt64(FakeDaemon.frameBytes)
        let last = (asked.offsetBytes + asked.lengthBytes - 1) / UInt64(FakeDaemon.frameBytes)
        answer.frames = UInt32(last - first + 1)
        answer.runs = runs.map { PlaceRun(place: $0.0, frames: $0.1) }
        daemon.send(.queried(answer), to: received.id)
      }
    } buffer: { buffer in
      let places = try buffer.query(range: range)
      #expect(places == expected)
    }
  }

  private func withBuffer(
    _ script: @escaping @Sendable (FakeDaemon) -> Void, buffer body: (Buffer) throws -> Void
  ) throws {
    try FakeSession.run { daemon in
      daemon.grant(sizeBytes: UInt64(4 * FakeDaemon.frameBytes))
      script(daemon)
    } client: { client in
      try body(try client.allocate(bytes: 4 * FakeDaemon.frameBytes))
    }
  }
}

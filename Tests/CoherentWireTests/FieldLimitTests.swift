// Every field that has limits, at them, one below and one above.

import CoherentWire
import Testing

@Suite struct FieldLimitTests {
  @Test func aRangeOfNoBytesIsRefusedByNameAndEndsNothing() {
    let empty = HandleRange(handle: HandleID(rawValue: 1), offsetBytes: 0, lengthBytes: 0)
    let requests: [Request] = [
      .pin(empty, leaseMilliseconds: 1, timeoutMilliseconds: 1),
      .migrate(empty, to: .host, timeoutMilliseconds: 1), .advise(empty, .cold), .query(empty),
      .allocate(sizeBytes: 0, alignmentBytes: 0, timeoutMilliseconds: 0, priority: 0),
    ]
    for request in requests {
      #expect(
        Samples.decodeRequest(Samples.packet(request))
          == .malformed(
            MalformedPacket(Refusal(.invalidRange, .zeroLength), request: Samples.id)))
    }
  }

  @Test func aRangeMayEndAtTheLastAddressButNotPastIt() {
    let last = HandleRange(handle: HandleID(rawValue: 1), offsetBytes: .max - 8, lengthBytes: 8)
    #expect(
      Samples.decodeRequest(Samples.packet(.query(last))) == .decoded(Samples.id, .query(last)))
    let past = HandleRange(handle: HandleID(rawValue: 1), offsetBytes: .max - 8, lengthBytes: 9)
    #expect(
      Samples.decodeRequest(Samples.packet(.query(past)))
        == .malformed(
          MalformedPacket(
            Refusal(.invalidRange, .pastTheEnd, asked: .max), request: Samples.id)))
  }

  @Test func helloNeedsTheMagicAndARangeOfVersions() {
    var packet = Samples.packet(Request.hello(lowestVersion: 1, highestVersion: 1))
    packet[16] ^= 1
    expectRefused(packet, .badMagic, asked: 0)
    for (lowest, highest) in [(0, 1), (0, 0), (2, 1)] as [(UInt16, UInt16)] {
      let request = Request.hello(lowestVersion: lowest, highestVersion: highest)
      expectRefused(Samples.packet(request), .badField, asked: 24)
    }
  }

  @Test func targetsAndAdviceHaveNoOtherValues() {
    for raw in UInt8.min...UInt8.max {
      var migrate = Samples.packet(
        Request.migrate(Samples.range, to: .device, timeoutMilliseconds: 0))
      migrate[44] = raw
      if MigrationTarget(rawValue: raw) == nil { expectRefused(migrate, .badField, asked: 44) }
      var advise = Samples.packet(Request.advise(Samples.range, .cold))
      advise[40] = raw
      if Advice(rawValue: raw) == nil { expectRefused(advise, .badField, asked: 40) }
    }
  }

  @Test func reservedBytesOfRequestsAreZero() {
    let reserved: [(Request, Range<Int>)] = [
      (.hello(lowestVersion: 1, highestVersion: 1), 28..<32),
      (.allocate(sizeBytes: 1, alignmentBytes: 0, timeoutMilliseconds: 0, priority: 0), 37..<40),
      (.migrate(Samples.range, to: .device, timeoutMilliseconds: 0), 45..<48),
      (.advise(Samples.range, .cold), 41..<48),
    ]
    for (request, range) in reserved {
      for index in range {
        var packet = Samples.packet(request)
        packet[index] = 1
        guard case .malformed(let malformed) = Samples.decodeRequest(packet) else {
          Issue.record("byte \(index) of \(request) may be anything")
          continue
        }
        #expect(malformed.refusal.detail == .badField)
      }
    }
  }

  @Test func anAnswerHasAtMostAsManyRunsAsFit() {
    let packet = Samples.packet(Reply.queried(Samples.answer(runs: QueryAnswer.maximumRuns)))
    var more = withLengthField(packet + [1, 0, 0, 0, 0, 0, 0, 0])
    more[25] = 1
    more[24] = 1
    expectRefusedReply(more, asked: 24)
  }

  @Test func runsNeverAddUpToMoreThanTheWhole() {
    var answer = Samples.answer(runs: 3)
    answer.frames = 6
    answer.pinnedFrames = 6
    #expect(
      Samples.decodeReply(Samples.packet(Reply.queried(answer)), descriptors: 0)
        == .decoded(Samples.id, .queried(answer)))
    answer.frames = 5
    answer.pinnedFrames = 5
    expectRefusedReply(Samples.packet(Reply.queried(answer)), asked: 48)
    answer.pinnedFrames = 6
    expectRefusedReply(Samples.packet(Reply.queried(answer)), asked: 20)
    answer.frames = 6
    answer.runs[1].frames = 0
    expectRefusedReply(Samples.packet(Reply.queried(answer)), asked: 40)
  }

  @Test func placesReasonsAndDetailsHaveNoOtherValues() {
    for raw in UInt8.min...UInt8.max where Place(rawValue: raw) == nil {
      var packet = Samples.packet(Reply.queried(Samples.answer(runs: 1)))
      packet[36] = raw
      expectRefusedReply(packet, asked: 36)
    }
    for raw in UInt16.min...UInt16.max {
      if Refusal.Reason(rawValue: raw) == nil {
        var packet = Samples.packet(Reply.refused(Samples.refusal))
        (packet[16], packet[17]) = (UInt8(raw & 0xFF), UInt8(raw >> 8))
        expectRefusedReply(packet, asked: 16)
      }
      if Refusal.Detail(rawValue: raw) == nil {
        var packet = Samples.packet(Reply.refused(Samples.refusal))
        (packet[18], packet[19]) = (UInt8(raw & 0xFF), UInt8(raw >> 8))
        expectRefusedReply(packet, asked: 18)
      }
    }
  }

  @Test func whatIsAllocatedHasASizeAndAnEnd() {
    let handle = HandleID(rawValue: 1)
    let last = Reply.allocated(
      handle, offsetBytes: .max - 4, sizeBytes: 4, resetsRange: false)
    #expect(
      Samples.decodeReply(Samples.packet(last), descriptors: 0) == .decoded(Samples.id, last))
    for (offset, size) in [(0, 0), (.max - 4, 5)] as [(UInt64, UInt64)] {
      let reply = Reply.allocated(
        handle, offsetBytes: offset, sizeBytes: size, resetsRange: false)
      expectRefusedReply(Samples.packet(reply), asked: 32)
    }
    var packet = Samples.packet(last)
    packet[40] = 2
    expectRefusedReply(packet, asked: 40)
  }

  private func expectRefused(_ packet: [UInt8], _ detail: Refusal.Detail, asked: UInt64) {
    #expect(
      Samples.decodeRequest(packet)
        == .malformed(
          MalformedPacket(
            Refusal(.protocolViolation, detail, asked: asked), request: Samples.id)))
  }

  private func expectRefusedReply(_ packet: [UInt8], asked: UInt64) {
    #expect(
      Samples.decodeReply(packet, descriptors: 0)
        == .malformed(
          MalformedPacket(
            Refusal(.protocolViolation, .badField, asked: asked), request: Samples.id)))
  }
}

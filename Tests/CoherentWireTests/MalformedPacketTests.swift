// What the encoders never write, the decoders refuse, by name and with the request's number; and
// nothing that arrives makes them trap.

import CoherentWire
import Testing

@Suite struct MalformedPacketTests {
  @Test func everyTruncationIsRefused() {
    for request in Samples.requests {
      let packet = Samples.packet(request)
      for length in 0..<packet.count {
        expectBadLength(Samples.decodeRequest(Array(packet[..<length])), length)
      }
    }
    for reply in Samples.replies {
      let packet = Samples.packet(reply)
      for length in 0..<packet.count {
        let outcome = Samples.decodeReply(
          Array(packet[..<length]), descriptors: reply.descriptorCount)
        guard case .malformed(let malformed) = outcome else {
          Issue.record("\(reply) cut to \(length) bytes was accepted")
          return
        }
        #expect(malformed.refusal.detail == .badLength)
      }
    }
  }

  @Test func aTruncationWithAMatchingLengthFieldIsRefused() {
    for request in Samples.requests {
      let packet = Samples.packet(request)
      for length in 16..<packet.count {
        let cut = withLengthField(Array(packet[..<length]))
        #expect(
          Samples.decodeRequest(cut)
            == violation(.badLength, asked: length, limit: packet.count), "\(request)")
      }
    }
    for reply in Samples.replies {
      let packet = Samples.packet(reply)
      for length in 16..<packet.count {
        let cut = withLengthField(Array(packet[..<length]))
        let outcome = Samples.decodeReply(cut, descriptors: reply.descriptorCount)
        guard case .malformed(let malformed) = outcome else {
          Issue.record("\(reply) cut to \(length) bytes was accepted")
          return
        }
        #expect(malformed.refusal.detail == .badLength)
        #expect(malformed.request == Samples.id)
      }
    }
  }

  @Test func everyBytePastTheEndIsRefused() {
    for request in Samples.requests {
      let packet = withLengthField(Samples.packet(request) + [0])
      #expect(
        Samples.decodeRequest(packet)
          == violation(.badLength, asked: packet.count, limit: packet.count - 1))
    }
    for reply in Samples.replies {
      let packet = withLengthField(Samples.packet(reply) + [0])
      #expect(
        replyOutcome(packet, reply)
          == violation(.badLength, asked: packet.count, limit: packet.count - 1))
    }
  }

  /// Whatever one changed byte makes of a packet, it is refused or it is another packet that the
  /// encoder could have written.
  @Test func everyChangedByteIsRefusedOrMeansSomethingElse() {
    for request in Samples.requests {
      eachChange(of: Samples.packet(request)) { packet in
        guard case .decoded(let id, let other) = Samples.decodeRequest(packet) else { return }
        #expect(Samples.packet(other, id: id, isRepeat: packet[2] == 1) == packet)
      }
    }
    for reply in Samples.replies.prefix(18) {
      eachChange(of: Samples.packet(reply)) { packet in
        for descriptors in 0...3 {
          guard
            case .decoded(let id, let other) = Samples.decodeReply(
              packet, descriptors: descriptors)
          else { continue }
          #expect(Samples.packet(other, id: id) == packet)
          #expect(other.descriptorCount == descriptors)
        }
      }
    }
  }

  @Test func flagsInTheHeaderAreRefused() {
    var packet = Samples.packet(Request.statistics)
    packet[3] = 1
    #expect(Samples.decodeRequest(packet) == violation(.badField, asked: 2))
  }

  @Test func everyUnknownKindIsRefused() {
    let known = Set(MessageKind.allCases.map(\.rawValue))
    for kind in UInt16.min...UInt16.max where !known.contains(kind) {
      let packet = withKind(kind, Samples.packet(Request.statistics))
      #expect(Samples.decodeRequest(packet) == violation(.badKind, asked: Int(kind)))
    }
    let replies = Set(MessageKind.allCases.map(\.reply)).union([MessageKind.refusal])
    for kind in UInt16.min...UInt16.max where !replies.contains(kind) {
      let outcome = Samples.decodeReply(
        withKind(kind, Samples.packet(Reply.attached)), descriptors: 0)
      #expect(outcome == violation(.badKind, asked: Int(kind)))
    }
  }

  @Test func everyOtherNumberOfDescriptorsIsRefused() {
    for request in Samples.requests {
      let expected = request.kind.requestDescriptors
      for count in 0...4 where count != expected {
        #expect(
          Samples.decodeRequest(Samples.packet(request), descriptors: count)
            == violation(.badDescriptorCount, asked: count, limit: expected))
      }
    }
    for reply in Samples.replies {
      for count in 0...4 where count != reply.descriptorCount {
        #expect(
          Samples.decodeReply(Samples.packet(reply), descriptors: count)
            == violation(.badDescriptorCount, asked: count, limit: reply.descriptorCount))
      }
    }
  }

  private func expectBadLength(_ outcome: RequestOutcome, _ length: Int) {
    guard case .malformed(let malformed) = outcome else {
      Issue.record("a packet cut to \(length) bytes was accepted")
      return
    }
    #expect(malformed.refusal.detail == .badLength)
    #expect(malformed.request == (length < 16 ? nil : Samples.id))
  }

  private func replyOutcome(_ packet: [UInt8], _ reply: Reply) -> ReplyOutcome {
    Samples.decodeReply(packet, descriptors: reply.descriptorCount)
  }

  private func eachChange(of packet: [UInt8], _ body: ([UInt8]) -> Void) {
    var changed = packet
    // The bytes far into a long list of runs are like those before them.
    for index in packet.indices.prefix(160) {
      for bit in 0..<8 {
        changed[index] = packet[index] ^ (1 << bit)
        body(changed)
      }
      for byte: UInt8 in [0, 0x7F, 0x80, 0xFF] where byte != packet[index] {
        changed[index] = byte
        body(changed)
      }
      changed[index] = packet[index]
    }
  }
}

private func violation(
  _ detail: Refusal.Detail, asked: Int, limit: Int = 0
) -> RequestOutcome {
  .malformed(malformed(detail, asked, limit))
}

private func violation(_ detail: Refusal.Detail, asked: Int, limit: Int = 0) -> ReplyOutcome {
  .malformed(malformed(detail, asked, limit))
}

private func malformed(_ detail: Refusal.Detail, _ asked: Int, _ limit: Int) -> MalformedPacket {
  MalformedPacket(
    Refusal(.protocolViolation, detail, asked: UInt64(asked), limit: UInt64(limit)),
    request: Samples.id)
}

/// The packet with the header's length set to what it really is.
func withLengthField(_ packet: [UInt8]) -> [UInt8] {
  var packet = packet
  for index in 0..<4 { packet[4 + index] = UInt8(packet.count >> (8 * index) & 0xFF) }
  return packet
}

func withKind(_ kind: UInt16, _ packet: [UInt8]) -> [UInt8] {
  [UInt8(kind & 0xFF), UInt8(kind >> 8)] + packet[2...]
}

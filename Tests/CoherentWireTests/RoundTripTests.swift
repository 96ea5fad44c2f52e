// What one side writes, the other side reads.

import CoherentWire
import Testing

@Suite struct RoundTripTests {
  @Test func samplesHoldEveryKindOfRequest() {
    #expect(Set(Samples.requests.map(\.kind)) == Set(MessageKind.allCases))
  }

  @Test func samplesHoldEveryKindOfReply() {
    #expect(Set(Samples.replies.compactMap(\.kind)) == Set(MessageKind.allCases))
  }

  @Test(arguments: Samples.requests) func everyRequestComesBackAsItWas(_ request: Request) {
    let packet = Samples.packet(request)
    #expect(packet.count == request.kind.requestBytes)
    #expect(Samples.decodeRequest(packet) == .decoded(Samples.id, request))
  }

  @Test func everyReplyComesBackAsItWas() {
    for reply in Samples.replies {
      let packet = Samples.packet(reply)
      #expect(packet.count == reply.encodedBytes)
      #expect(packet.count <= PacketLimits.maximumBytes)
      #expect(reply.descriptorCount <= PacketLimits.maximumDescriptors)
      #expect(
        Samples.decodeReply(packet, descriptors: reply.descriptorCount)
          == .decoded(Samples.id, reply))
    }
  }

  @Test func everyRequestFitsABufferOfExactlyItsLength() {
    for request in Samples.requests {
      let packet = Samples.packet(capacity: request.kind.requestBytes) {
        request.encode(Samples.id, into: &$0)
      }
      #expect(packet == Samples.packet(request))
    }
  }

  @Test func everyReplyFitsABufferOfExactlyItsLength() {
    for reply in Samples.replies {
      let packet = Samples.packet(capacity: reply.encodedBytes) {
        reply.encode(Samples.id, into: &$0)
      }
      #expect(packet == Samples.packet(reply))
    }
  }

  @Test func helloIsWrittenByteForByteAsThePageShowsIt() {
    let packet = Samples.packet(
      Request.hello(lowestVersion: 1, highestVersion: 2), id: RequestID(rawValue: 7))
    #expect(
      packet == [
        1, 0, 0, 0, 32, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0,
        0x63, 0x6F, 0x68, 0x65, 0x72, 0x65, 0x6E, 0x74, 1, 0, 2, 0, 0, 0, 0, 0,
      ])
    #expect(Array(packet[16..<24]) == Array("coherent".utf8))
  }

  @Test func versionsMeetOnlyWhereTheRangesDo() {
    #expect(ProtocolVersion.common(lowest: 1, highest: 1) == 1)
    #expect(ProtocolVersion.common(lowest: 1, highest: 9) == 1)
    #expect(ProtocolVersion.common(lowest: 2, highest: 9) == nil)
    #expect(ProtocolVersion.common(lowest: 0, highest: 0) == nil)
  }
}

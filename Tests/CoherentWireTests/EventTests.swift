// Events: what is written is read back, and nothing else is an event.

import CoherentWire
import Testing

@Suite struct EventTests {
  private static let events: [Event] = [
    .leaseRevoked(
      HandleID(rawValue: 0x0102_0304_0506_0708), PinID(rawValue: 0x1112_1314_1516_1718), pins: 1),
    .leaseRevoked(HandleID(rawValue: 9), nil, pins: .max),
    .recovered(generation: 0x2122_2324),
    .memoryUnaccounted(bytes: 0x3132_3334_3536_3738, limitBytes: 0x4142_4344_4546_4748),
  ]

  private static func decode(_ packet: [UInt8], descriptors: Int = 0) -> Event? {
    try? Event.decode(packet.span, descriptorCount: descriptors)
  }

  @Test func whatIsWrittenIsReadBack() {
    for event in Self.events { #expect(Self.decode(Samples.packet(event)) == event) }
  }

  @Test func aChangedLengthOrADescriptorIsRefused() {
    for event in Self.events {
      let packet = Samples.packet(event)
      for length in 0..<packet.count { #expect(Self.decode(Array(packet[..<length])) == nil) }
      #expect(Self.decode(packet + [0]) == nil)
      #expect(Self.decode(packet, descriptors: 1) == nil)
    }
  }

  @Test func repliesAreNoEvents() throws {
    for reply in Samples.replies {
      #expect(try Event.decode(Samples.packet(reply).span, descriptorCount: 0) == nil)
    }
  }

  @Test func anEventAnswersNoRequest() {
    for event in Self.events {
      var packet = Samples.packet(event)
      packet[8] = 1
      #expect(Self.decode(packet) == nil)
    }
  }

  @Test func theFlagsOfAnEventAreZero() {
    var packet = Samples.packet(Self.events[0])
    packet[2] = 1
    #expect(Self.decode(packet) == nil)
  }
}

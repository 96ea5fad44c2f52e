// Packets at random, from a seed that is printed when something fails: the decoders never trap, and
// what they accept is what the encoders write.

import CoherentWire
import Testing

@Suite struct RandomPacketTests {
  @Test(arguments: [1, 2, 3] as [UInt64]) func randomPacketsAreRefusedOrWrittenTheSame(
    _ seed: UInt64
  ) {
    var random = SeededGenerator(seed: seed)
    let seeds = Samples.requests.map { Samples.packet($0) } + Samples.replies.map(Samples.packetOf)
    var accepted = 0
    for round in 0..<30_000 {
      let packet = mutated(seeds[Int.random(in: seeds.indices, using: &random)], &random)
      let descriptors = Int.random(in: 0...2, using: &random)
      if case .decoded(let id, let request) = Samples.decodeRequest(
        packet, descriptors: descriptors)
      {
        accepted += 1
        let isRepeat = packet[2] == 1  // the one flag of the header
        #expect(
          Samples.packet(request, id: id, isRepeat: isRepeat) == packet,
          "seed \(seed), round \(round)")
      }
      if case .decoded(let id, let reply) = Samples.decodeReply(packet, descriptors: descriptors) {
        accepted += 1
        #expect(Samples.packet(reply, id: id) == packet, "seed \(seed), round \(round)")
        #expect(reply.descriptorCount == descriptors)
      }
    }
    #expect(accepted > 100, "the run is of use only if some packets are accepted, seed \(seed)")
  }

  private func mutated(_ packet: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var packet = packet
    for _ in 0..<Int.random(in: 0...4, using: &random) where !packet.isEmpty {
      let index = Int.random(in: packet.indices, using: &random)
      switch UInt8.random(in: 0...4, using: &random) {
      case 0: packet[index] = UInt8.random(in: .min ... .max, using: &random)
      case 1: packet[index] ^= 1 << UInt8.random(in: 0...7, using: &random)
      case 2: packet.removeLast(Int.random(in: 0...packet.count, using: &random))
      case 3: packet += packet.prefix(Int.random(in: 0...64, using: &random))
      default: packet[index] = 0
      }
    }
    if Bool.random(using: &random), packet.count >= 8 { packet = withLengthField(packet) }
    return packet
  }
}

extension Samples {
  static func packetOf(_ reply: Reply) -> [UInt8] { packet(reply) }
}

/// A small generator whose whole state is its seed (SplitMix64, public domain algorithm by
/// Sebastiano Vigna).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

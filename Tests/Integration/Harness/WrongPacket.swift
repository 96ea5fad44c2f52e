// Packets that no encoder writes: each valid request of every kind with one thing wrong, and what
// else can be put into a packet.

import CoherentWire

struct WrongPacket {
  let name: String
  let bytes: [UInt8]
  let detail: Refusal.Detail
  var descriptorCount = 0

  /// The same descriptor as often as it is to be sent.
  func descriptors(_ number: Int32) -> [Int32] { Array(repeating: number, count: descriptorCount) }

  private static let range = HandleRange(
    handle: HandleID(rawValue: 1), offsetBytes: 0, lengthBytes: 1)

  /// One valid request of each kind that carries no descriptor and is asked after the handshake,
  /// with the offsets of the bytes in it that are zero.
  private static let requests: [(Request, [Int])] = [
    (
      .allocate(sizeBytes: 4096, alignmentBytes: 0, timeoutMilliseconds: 0, priority: 128),
      [37, 38, 39]
    ),
    (.free(HandleID(rawValue: 1)), []),
    (.pin(range, leaseMilliseconds: 0, timeoutMilliseconds: 0), []),
    (.unpin(PinID(rawValue: 1)), []),
    (.migrate(range, to: .host, timeoutMilliseconds: 0), [45, 46, 47]),
    (.advise(range, .cold), [41, 42, 43, 44, 45, 46, 47]),
    (.query(range), []), (.statistics, []), (.release(HandleID(rawValue: 1)), []),
  ]

  static func all() -> [WrongPacket] {
    requests.flatMap { wrong($0, zeros: $1) } + choices() + headers() + outOfOrder()
  }

  /// Another length, another flag, bytes that must be zero, a descriptor.
  private static func wrong(_ request: Request, zeros: [Int]) -> [WrongPacket] {
    let good = RawClient.packet(request, 7)
    let kind = "\(request.kind)"
    var all: [WrongPacket] = []
    for length in [good.count - 1, good.count + 1, good.count + 8, 4096, 4097, 9000]
    where length >= 16 {
      var bytes = Array((good + Array(repeating: 0, count: 9000))[..<length])
      all.append(WrongPacket(name: "\(kind), cut to \(length)", bytes: bytes, detail: .badLength))
      setLength(&bytes, UInt32(length))
      all.append(
        WrongPacket(name: "\(kind), \(length) long", bytes: bytes, detail: .badLength))
    }
    for offset in zeros + [2, 3] {
      var bytes = good
      bytes[offset] = 2  // 1 in the header would be a flag
      all.append(WrongPacket(name: "\(kind), byte \(offset)", bytes: bytes, detail: .badField))
    }
    for count in [1, 2, 4] {
      all.append(
        WrongPacket(
          name: "\(kind), \(count) descriptors", bytes: good, detail: .badDescriptorCount,
          descriptorCount: count))
    }
    return all
  }

  /// Values that are in no table.
  private static func choices() -> [WrongPacket] {
    var all: [WrongPacket] = []
    for value: UInt8 in [0, 3, 255] {
      var bytes = RawClient.packet(.migrate(range, to: .host, timeoutMilliseconds: 0), 7)
      bytes[44] = value
      all.append(WrongPacket(name: "target \(value)", bytes: bytes, detail: .badField))
    }
    for value: UInt8 in [0, 4, 255] {
      var bytes = RawClient.packet(.advise(range, .cold), 7)
      bytes[40] = value
      all.append(WrongPacket(name: "advice \(value)", bytes: bytes, detail: .badField))
    }
    return all
  }

  private static func headers() -> [WrongPacket] {
    var all: [WrongPacket] = [
      WrongPacket(name: "one byte", bytes: [1], detail: .badLength),
      WrongPacket(
        name: "no whole header", bytes: Array(repeating: 0, count: 15), detail: .badLength),
    ]
    let pastTheLast = MessageKind.allCases.map(\.rawValue).max()! + 1
    for kind: UInt16 in [0, pastTheLast, 0x8001, 0x8003, Event.leaseRevokedKind, 0xFFFE, 0xFFFF] {
      var bytes = RawClient.packet(.statistics, 7)
      bytes[0] = UInt8(kind & 0xFF)
      bytes[1] = UInt8(kind >> 8)
      all.append(WrongPacket(name: "kind \(kind)", bytes: bytes, detail: .badKind))
    }
    for length: UInt32 in [0, 15, 17, .max] {
      var bytes = RawClient.packet(.statistics, 7)
      setLength(&bytes, length)
      all.append(WrongPacket(name: "says \(length)", bytes: bytes, detail: .badLength))
    }
    return all
  }

  /// What belongs to the handshake, and comes again after it.
  private static func outOfOrder() -> [WrongPacket] {
    [
      WrongPacket(
        name: "a second hello",
        bytes: RawClient.packet(.hello(lowestVersion: 1, highestVersion: 1), 7),
        detail: .outOfOrder),
      WrongPacket(
        name: "a second attach",
        bytes: RawClient.packet(.attach(baseAddress: 4096, lengthBytes: 64 << 20), 7),
        detail: .outOfOrder, descriptorCount: 1),
    ]
  }

  private static func setLength(_ bytes: inout [UInt8], _ length: UInt32) {
    for index in 0..<4 { bytes[4 + index] = UInt8(truncatingIfNeeded: length >> UInt32(8 * index)) }
  }
}

// The table of messages: which number each has on the wire, how long its packet is and how many
// descriptors travel with it. PROTOCOL.md shows the same table, and a test compares the two.

package enum MessageKind: UInt16, CaseIterable, Sendable {
  case hello = 1
  case attach = 2
  case allocate = 3
  case free = 4
  case pin = 5
  case unpin = 6
  case migrate = 7
  case advise = 8
  case query = 9
  case statistics = 10
  case release = 11

  /// A reply has its request's kind with this bit set.
  package static let replyBit: UInt16 = 0x8000
  /// The kind of a refusal, whatever was asked.
  package static let refusal: UInt16 = 0xFFFF
  /// The length of a refusal's packet.
  package static let refusalBytes = 72
  /// The length of one run at the end of a `queried`.
  package static let runBytes = 8

  /// The number of the reply's kind.
  package var reply: UInt16 { rawValue | Self.replyBit }

  /// The length of the request's packet, header included.
  package var requestBytes: Int {
    switch self {
    case .statistics: 16
    case .free, .unpin, .release: 24
    case .hello, .attach: 32
    case .allocate, .query: 40
    case .migrate, .advise: 48
    case .pin: 56
    }
  }

  /// The length of the reply's packet, header included; of `queried` the part before its runs.
  package var replyBytes: Int {
    switch self {
    case .attach, .free, .unpin, .release: 16
    case .migrate, .advise: 24
    case .pin, .query: 32
    case .allocate: 48
    case .hello: 96
    case .statistics: 112
    }
  }

  /// How many descriptors travel with the request.
  package var requestDescriptors: Int { self == .attach ? 1 : 0 }
}

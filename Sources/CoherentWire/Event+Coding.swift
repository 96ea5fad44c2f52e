// The layout of the events, as PROTOCOL.md shows it.

extension Event {
  /// The kind of an event's packet has the reply bit and this one set.
  package static let leaseRevokedKind: UInt16 = 0xC001
  package static let recoveredKind: UInt16 = 0xC002
  package static let memoryUnaccountedKind: UInt16 = 0xC003
  private static let kinds = [leaseRevokedKind, recoveredKind, memoryUnaccountedKind]
  /// The length of the longest packet.
  package static let maximumBytes = 40
  private static let leaseRevokedBytes = 40
  private static let recoveredBytes = 24
  private static let memoryUnaccountedBytes = 32

  /// Writes the packet into the buffer; returns its length.
  package func encode(into bytes: inout MutableSpan<UInt8>) -> Int {
    var writer = PacketWriter()
    switch self {
    case .leaseRevoked(let handle, let pin, let pins):
      writer.putHeader(
        kind: Self.leaseRevokedKind, length: Self.leaseRevokedBytes,
        request: RequestID(rawValue: 0), &bytes)
      writer.put(handle.rawValue, &bytes)
      // A pin's number is its slot and a generation; the highest number is none.
      writer.put(pin?.rawValue ?? .max, &bytes)
      writer.put(pins, &bytes)
      writer.put(UInt32(0), &bytes)
    case .recovered(let generation):
      writer.putHeader(
        kind: Self.recoveredKind, length: Self.recoveredBytes, request: RequestID(rawValue: 0),
        &bytes)
      writer.put(generation, &bytes)
      writer.put(UInt32(0), &bytes)
    case .memoryUnaccounted(let found, let limit):
      writer.putHeader(
        kind: Self.memoryUnaccountedKind, length: Self.memoryUnaccountedBytes,
        request: RequestID(rawValue: 0), &bytes)
      writer.put(found, &bytes)
      writer.put(limit, &bytes)
    }
    return writer.offset
  }

  /// Reads the packet of an event; nil if its kind is no event's.
  package static func decode(
    _ bytes: Span<UInt8>, descriptorCount: Int
  ) throws(MalformedPacket) -> Event? {
    var reader = PacketReader()
    let header = try PacketHeader(&reader, bytes)
    guard kinds.contains(header.kind) else { return nil }
    // It answers no request.
    guard header.request.rawValue == 0 else { throw reader.badField(at: 8) }
    switch header.kind {
    case leaseRevokedKind:
      try PacketHeader.require(
        length: leaseRevokedBytes, descriptors: 0, of: bytes, came: descriptorCount, reader)
      return try decodeLeaseRevoked(&reader, bytes)
    case memoryUnaccountedKind:
      try PacketHeader.require(
        length: memoryUnaccountedBytes, descriptors: 0, of: bytes, came: descriptorCount, reader)
      let found = try reader.next(UInt64.self, bytes)
      return .memoryUnaccounted(bytes: found, limitBytes: try reader.next(UInt64.self, bytes))
    default:
      try PacketHeader.require(
        length: recoveredBytes, descriptors: 0, of: bytes, came: descriptorCount, reader)
      let generation = try reader.next(UInt32.self, bytes)
      try reader.reserved(UInt32.self, bytes)
      return .recovered(generation: generation)
    }
  }

  private static func decodeLeaseRevoked(
    _ reader: inout PacketReader, _ bytes: Span<UInt8>
  ) throws(MalformedPacket) -> Event {
    let handle = HandleID(rawValue: try reader.next(UInt64.self, bytes))
    let pin = try reader.next(UInt64.self, bytes)
    let pins = try reader.next(UInt32.self, bytes)
    try reader.reserved(UInt32.self, bytes)
    return .leaseRevoked(handle, pin == .max ? nil : PinID(rawValue: pin), pins: pins)
  }
}

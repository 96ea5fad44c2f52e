// The layout of the replies, as PROTOCOL.md shows it. What is written here and what is read here
// stand side by side; the decoder refuses whatever the encoder never writes.

extension Reply {
  /// The request that it answers; nil for a refusal, which answers any.
  package var kind: MessageKind? {
    switch self {
    case .welcome: .hello
    case .attached: .attach
    case .allocated: .allocate
    case .freed: .free
    case .pinned: .pin
    case .unpinned: .unpin
    case .migrated: .migrate
    case .advised: .advise
    case .queried: .query
    case .statistics: .statistics
    case .released: .release
    case .refused: nil
    }
  }

  /// The length of its packet, header included.
  package var encodedBytes: Int {
    guard let kind else { return MessageKind.refusalBytes }
    guard case .queried(let answer) = self else { return kind.replyBytes }
    return kind.replyBytes + answer.runs.count * MessageKind.runBytes
  }

  /// How many descriptors travel with it.
  package var descriptorCount: Int {
    guard case .welcome(let welcome) = self else { return 0 }
    return welcome.passesFaultDevice ? 3 : 2
  }

  /// Writes the packet into the buffer, which holds at least `encodedBytes`; returns its length.
  package func encode(_ request: RequestID, into bytes: inout MutableSpan<UInt8>) -> Int {
    var writer = PacketWriter()
    let length = encodedBytes
    writer.putHeader(
      kind: kind?.reply ?? MessageKind.refusal, length: length, request: request, &bytes)
    encodeBody(&writer, &bytes)
    invariant(writer.offset == length, "a reply is as long as the table of messages says")
    return length
  }

  private func encodeBody(_ writer: inout PacketWriter, _ bytes: inout MutableSpan<UInt8>) {
    switch self {
    case .welcome(let welcome):
      welcome.encode(&writer, &bytes)
    case .allocated(let handle, let offsetBytes, let sizeBytes, let resetsRange):
      writer.put(handle.rawValue, &bytes)
      writer.put(offsetBytes, &bytes)
      writer.put(sizeBytes, &bytes)
      writer.put(UInt64(resetsRange ? 1 : 0), &bytes)
    case .pinned(let pin, let leaseMilliseconds, let movedFrames):
      writer.put(pin.rawValue, &bytes)
      writer.put(leaseMilliseconds, &bytes)
      writer.put(movedFrames, &bytes)
    case .migrated(let movedFrames, let alreadyFrames):
      writer.put(movedFrames, &bytes)
      writer.put(alreadyFrames, &bytes)
    case .advised(let frames):
      writer.put(frames, &bytes)
      writer.put(UInt32(0), &bytes)
    case .queried(let answer):
      answer.encode(&writer, &bytes)
    case .statistics(let answer):
      answer.encode(&writer, &bytes)
    case .refused(let refusal):
      refusal.encode(&writer, &bytes)
    case .attached, .freed, .unpinned, .released:
      break
    }
  }

  /// Reads a packet that came with the given number of descriptors.
  package static func decode(_ bytes: Span<UInt8>, descriptorCount: Int)
    throws(MalformedPacket) -> (id: RequestID, reply: Reply)
  {
    var reader = PacketReader()
    let header = try PacketHeader(&reader, bytes)
    if header.kind == MessageKind.refusal {
      try PacketHeader.require(
        length: MessageKind.refusalBytes, descriptors: 0, of: bytes, came: descriptorCount, reader)
      return (header.request, .refused(try Refusal(&reader, bytes)))
    }
    guard header.kind & MessageKind.replyBit != 0,
      let kind = MessageKind(rawValue: header.kind & ~MessageKind.replyBit)
    else { throw reader.malformed(.badKind, asked: UInt64(header.kind)) }
    let reply = try decodeBody(kind, &reader, bytes)
    try PacketHeader.require(
      length: reply.encodedBytes, descriptors: reply.descriptorCount, of: bytes,
      came: descriptorCount, reader)
    return (header.request, reply)
  }

  private static func decodeBody(
    _ kind: MessageKind, _ reader: inout PacketReader, _ bytes: Span<UInt8>
  ) throws(MalformedPacket) -> Reply {
    switch kind {
    case .hello:
      return .welcome(try Welcome(&reader, bytes))
    case .attach:
      return .attached
    case .allocate:
      return try decodeAllocated(&reader, bytes)
    case .free:
      return .freed
    case .pin:
      let pin = PinID(rawValue: try reader.next(UInt64.self, bytes))
      return .pinned(
        pin, leaseMilliseconds: try reader.next(UInt32.self, bytes),
        movedFrames: try reader.next(UInt32.self, bytes))
    case .unpin:
      return .unpinned
    case .release:
      return .released
    case .migrate:
      return .migrated(
        movedFrames: try reader.next(UInt32.self, bytes),
        alreadyFrames: try reader.next(UInt32.self, bytes))
    case .advise:
      let frames = try reader.next(UInt32.self, bytes)
      try reader.reserved(UInt32.self, bytes)
      return .advised(frames: frames)
    case .query:
      return .queried(try QueryAnswer(&reader, bytes))
    case .statistics:
      return .statistics(try StatisticsAnswer(&reader, bytes))
    }
  }

  private static func decodeAllocated(
    _ reader: inout PacketReader, _ bytes: Span<UInt8>
  ) throws(MalformedPacket) -> Reply {
    let handle = HandleID(rawValue: try reader.next(UInt64.self, bytes))
    let offsetBytes = try reader.next(UInt64.self, bytes)
    let start = reader.offset
    let sizeBytes = try reader.next(UInt64.self, bytes)
    guard sizeBytes > 0, !offsetBytes.addingReportingOverflow(sizeBytes).overflow else {
      throw reader.badField(at: start)
    }
    let flags = try reader.next(UInt64.self, bytes)
    guard flags <= 1 else { throw reader.badField(at: start + 8) }
    return .allocated(
      handle, offsetBytes: offsetBytes, sizeBytes: sizeBytes, resetsRange: flags == 1)
  }
}

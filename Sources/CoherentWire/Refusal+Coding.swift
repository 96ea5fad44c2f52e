// The layout of a refusal: numbers only. No text travels, so that nothing that a peer wrote is ever
// shown to anybody, and every language can have its own sentences.

extension Refusal {
  func encode(_ writer: inout PacketWriter, _ bytes: inout MutableSpan<UInt8>) {
    writer.put(reason.rawValue, &bytes)
    writer.put(detail.rawValue, &bytes)
    writer.put(user, &bytes)
    writer.put(holderProcess, &bytes)
    writer.put(holderSession, &bytes)
    writer.put(asked, &bytes)
    writer.put(available, &bytes)
    writer.put(pinned, &bytes)
    writer.put(protected, &bytes)
    writer.put(limit, &bytes)
  }

  init(_ reader: inout PacketReader, _ bytes: Span<UInt8>) throws(MalformedPacket) {
    self.init(
      try reader.next(choice: Reason.self, bytes), try reader.next(choice: Detail.self, bytes))
    if detail.isShare {
      user = try reader.next(UInt32.self, bytes)
    } else {
      try reader.reserved(UInt32.self, bytes)
    }
    holderProcess = try reader.next(UInt32.self, bytes)
    holderSession = try reader.next(UInt32.self, bytes)
    asked = try reader.next(UInt64.self, bytes)
    available = try reader.next(UInt64.self, bytes)
    pinned = try reader.next(UInt64.self, bytes)
    protected = try reader.next(UInt64.self, bytes)
    limit = try reader.next(UInt64.self, bytes)
  }
}

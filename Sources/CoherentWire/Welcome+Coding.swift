// The layout of the answer to `hello`.

extension Welcome {
  func encode(_ writer: inout PacketWriter, _ bytes: inout MutableSpan<UInt8>) {
    writer.put(version, &bytes)
    writer.put(UInt16(passesFaultDevice ? 1 : 0), &bytes)
    writer.put(session.rawValue, &bytes)
    writer.put(arenaBytes, &bytes)
    writer.put(frameBytes, &bytes)
    writer.put(defaultLeaseMilliseconds, &bytes)
    writer.put(maximumLeaseMilliseconds, &bytes)
    writer.put(maximumTimeoutMilliseconds, &bytes)
    writer.put(maximumRequestsInFlight, &bytes)
    writer.put(UInt32(0), &bytes)
    writer.put(controlOffsetBytes, &bytes)
    writer.put(controlBytes, &bytes)
    writer.put(layoutFingerprint, &bytes)
    writer.put(tableBytes, &bytes)
    writer.put(tableFingerprint, &bytes)
  }

  init(_ reader: inout PacketReader, _ bytes: Span<UInt8>) throws(MalformedPacket) {
    self.init()
    let start = reader.offset
    version = try reader.next(UInt16.self, bytes)
    let flags = try reader.next(UInt16.self, bytes)
    guard flags <= 1 else { throw reader.badField(at: start + 2) }
    passesFaultDevice = flags == 1
    session = SessionID(rawValue: try reader.next(UInt32.self, bytes))
    arenaBytes = try reader.next(UInt64.self, bytes)
    frameBytes = try reader.next(UInt32.self, bytes)
    defaultLeaseMilliseconds = try reader.next(UInt32.self, bytes)
    maximumLeaseMilliseconds = try reader.next(UInt32.self, bytes)
    maximumTimeoutMilliseconds = try reader.next(UInt32.self, bytes)
    maximumRequestsInFlight = try reader.next(UInt32.self, bytes)
    try reader.reserved(UInt32.self, bytes)
    controlOffsetBytes = try reader.next(UInt64.self, bytes)
    controlBytes = try reader.next(UInt64.self, bytes)
    layoutFingerprint = try reader.next(UInt64.self, bytes)
    tableBytes = try reader.next(UInt64.self, bytes)
    tableFingerprint = try reader.next(UInt64.self, bytes)
  }
}

// The layout of the requests, as PROTOCOL.md shows it. What is written here and what is read here
// stand side by side; the decoder refuses whatever the encoder never writes.

extension Request {
  package var kind: MessageKind {
    switch self {
    case .hello: .hello
    case .attach: .attach
    case .allocate: .allocate
    case .free: .free
    case .pin: .pin
    case .unpin: .unpin
    case .migrate: .migrate
    case .advise: .advise
    case .query: .query
    case .statistics: .statistics
    case .release: .release
    }
  }

  /// Writes the packet into the buffer, which holds at least `kind.requestBytes`; returns its
  /// length. `isRepeat`: it was sent before, to a daemon that has died since.
  package func encode(
    _ request: RequestID, isRepeat: Bool = false, into bytes: inout MutableSpan<UInt8>
  ) -> Int {
    var writer = PacketWriter()
    let length = kind.requestBytes
    writer.putHeader(
      kind: kind.rawValue, flags: isRepeat ? PacketHeader.repeatFlag : 0, length: length,
      request: request, &bytes)
    encodeBody(&writer, &bytes)
    invariant(writer.offset == length, "a request is as long as the table of messages says")
    return length
  }

  private func encodeBody(_ writer: inout PacketWriter, _ bytes: inout MutableSpan<UInt8>) {
    switch self {
    case .hello(let lowestVersion, let highestVersion):
      writer.put(ProtocolVersion.magic, &bytes)
      writer.put(lowestVersion, &bytes)
      writer.put(highestVersion, &bytes)
      writer.put(UInt32(0), &bytes)
    case .attach(let baseAddress, let lengthBytes):
      writer.put(baseAddress, &bytes)
      writer.put(lengthBytes, &bytes)
    case .allocate(let sizeBytes, let alignmentBytes, let timeoutMilliseconds, let priority):
      writer.put(sizeBytes, &bytes)
      writer.put(alignmentBytes, &bytes)
      writer.put(timeoutMilliseconds, &bytes)
      writer.put(UInt32(priority), &bytes)
    case .free(let handle), .release(let handle):
      writer.put(handle.rawValue, &bytes)
    case .pin(let range, let leaseMilliseconds, let timeoutMilliseconds, let isLongTerm):
      writer.put(range, &bytes)
      writer.put(leaseMilliseconds, &bytes)
      writer.put(timeoutMilliseconds, &bytes)
      writer.put(UInt64(isLongTerm ? 1 : 0), &bytes)
    case .unpin(let pin):
      writer.put(pin.rawValue, &bytes)
    case .migrate(let range, let target, let timeoutMilliseconds):
      writer.put(range, &bytes)
      writer.put(timeoutMilliseconds, &bytes)
      writer.put(UInt32(target.rawValue), &bytes)
    case .advise(let range, let advice):
      writer.put(range, &bytes)
      writer.put(UInt64(advice.rawValue), &bytes)
    case .query(let range):
      writer.put(range, &bytes)
    case .statistics:
      break
    }
  }

  /// Reads a packet that came with the given number of descriptors.
  package static func decode(_ bytes: Span<UInt8>, descriptorCount: Int)
    throws(MalformedPacket) -> (id: RequestID, request: Request, isRepeat: Bool)
  {
    var reader = PacketReader()
    let header = try PacketHeader(&reader, bytes, flagsAllowed: PacketHeader.repeatFlag)
    guard let kind = MessageKind(rawValue: header.kind) else {
      throw reader.malformed(.badKind, asked: UInt64(header.kind))
    }
    // The handshake is never repeated on a connection.
    if header.isRepeat, kind == .hello || kind == .attach { throw reader.badField(at: 2) }
    try PacketHeader.require(
      length: kind.requestBytes, descriptors: kind.requestDescriptors, of: bytes,
      came: descriptorCount, reader)
    return (header.request, try decodeBody(kind, &reader, bytes), header.isRepeat)
  }

  private static func decodeBody(
    _ kind: MessageKind, _ reader: inout PacketReader, _ bytes: Span<UInt8>
  ) throws(MalformedPacket) -> Request {
    switch kind {
    case .hello:
      return try decodeHello(&reader, bytes)
    case .attach:
      return .attach(
        baseAddress: try reader.next(UInt64.self, bytes),
        lengthBytes: try reader.next(UInt64.self, bytes))
    case .allocate:
      return try decodeAllocate(&reader, bytes)
    case .free:
      return .free(HandleID(rawValue: try reader.next(UInt64.self, bytes)))
    case .pin:
      return try decodePin(&reader, bytes)
    case .release:
      return .release(HandleID(rawValue: try reader.next(UInt64.self, bytes)))
    case .unpin:
      return .unpin(PinID(rawValue: try reader.next(UInt64.self, bytes)))
    case .migrate:
      let range = try reader.nextRange(bytes)
      let timeoutMilliseconds = try reader.next(UInt32.self, bytes)
      let target = try reader.next(choice: MigrationTarget.self, bytes)
      try reader.reserved(UInt8.self, bytes)
      try reader.reserved(UInt16.self, bytes)
      return .migrate(range, to: target, timeoutMilliseconds: timeoutMilliseconds)
    case .advise:
      let range = try reader.nextRange(bytes)
      let advice = try reader.next(choice: Advice.self, bytes)
      try reader.reserved(UInt8.self, bytes)
      try reader.reserved(UInt16.self, bytes)
      try reader.reserved(UInt32.self, bytes)
      return .advise(range, advice)
    case .query:
      return .query(try reader.nextRange(bytes))
    case .statistics:
      return .statistics
    }
  }

  private static func decodePin(
    _ reader: inout PacketReader, _ bytes: Span<UInt8>
  ) throws(MalformedPacket) -> Request {
    let range = try reader.nextRange(bytes)
    let start = reader.offset
    let leaseMilliseconds = try reader.next(UInt32.self, bytes)
    let timeoutMilliseconds = try reader.next(UInt32.self, bytes)
    let flags = try reader.next(UInt64.self, bytes)
    guard flags <= 1 else { throw reader.badField(at: start + 8) }
    guard flags == 0 || leaseMilliseconds == 0 else { throw reader.badField(at: start) }
    return .pin(
      range, leaseMilliseconds: leaseMilliseconds, timeoutMilliseconds: timeoutMilliseconds,
      isLongTerm: flags == 1)
  }

  private static func decodeHello(
    _ reader: inout PacketReader, _ bytes: Span<UInt8>
  ) throws(MalformedPacket) -> Request {
    guard try reader.next(UInt64.self, bytes) == ProtocolVersion.magic else {
      throw reader.malformed(.badMagic)
    }
    let start = reader.offset
    let lowestVersion = try reader.next(UInt16.self, bytes)
    let highestVersion = try reader.next(UInt16.self, bytes)
    guard 1 <= lowestVersion, lowestVersion <= highestVersion else {
      throw reader.badField(at: start)
    }
    try reader.reserved(UInt32.self, bytes)
    return .hello(lowestVersion: lowestVersion, highestVersion: highestVersion)
  }

  private static func decodeAllocate(
    _ reader: inout PacketReader, _ bytes: Span<UInt8>
  ) throws(MalformedPacket) -> Request {
    let sizeBytes = try reader.next(UInt64.self, bytes)
    let alignmentBytes = try reader.next(UInt64.self, bytes)
    let timeoutMilliseconds = try reader.next(UInt32.self, bytes)
    let priority = try reader.next(UInt8.self, bytes)
    try reader.reserved(UInt8.self, bytes)
    try reader.reserved(UInt16.self, bytes)
    guard sizeBytes > 0 else {
      throw MalformedPacket(Refusal(.invalidRange, .zeroLength), request: reader.request)
    }
    return .allocate(
      sizeBytes: sizeBytes, alignmentBytes: alignmentBytes,
      timeoutMilliseconds: timeoutMilliseconds, priority: priority)
  }
}

extension PacketReader {
  /// A range of an allocation. What it lacks is refused by name and ends nothing: no bytes at all,
  /// or an end that is no 64-bit number.
  @inline(__always)
  fileprivate mutating func nextRange(
    _ bytes: Span<UInt8>
  ) throws(MalformedPacket) -> HandleRange {
    let range = HandleRange(
      handle: HandleID(rawValue: try next(UInt64.self, bytes)),
      offsetBytes: try next(UInt64.self, bytes), lengthBytes: try next(UInt64.self, bytes))
    guard range.lengthBytes > 0 else {
      throw MalformedPacket(Refusal(.invalidRange, .zeroLength), request: request)
    }
    guard !range.offsetBytes.addingReportingOverflow(range.lengthBytes).overflow else {
      throw MalformedPacket(
        Refusal(.invalidRange, .pastTheEnd, asked: .max), request: request)
    }
    return range
  }
}

// A cursor over one packet, reading little-endian numbers in order. It holds the position only, and
// is given the bytes with every call. It never reads past the end: the packet that ends too early
// is refused like every other malformed one.

struct PacketReader {
  private(set) var offset = 0
  /// Whose packet it is, for refusals; nil until the header was read.
  var request: RequestID?

  /// The next number. The loop over the bytes becomes one load in an optimized build.
  @inline(__always)
  mutating func next<Number: FixedWidthInteger & UnsignedInteger>(
    _: Number.Type, _ bytes: Span<UInt8>
  ) throws(MalformedPacket) -> Number {
    let size = MemoryLayout<Number>.size
    guard bytes.count >= size, offset <= bytes.count &- size else {
      throw tooShort(bytes.count, needed: offset &+ size)
    }
    var number: Number = 0
    for index in 0..<size {
      let byte = Number(truncatingIfNeeded: bytes[offset &+ index])
      number |= byte &<< Number(truncatingIfNeeded: 8 &* index)
    }
    offset &+= size
    return number
  }

  /// Skips a reserved field; refuses the packet if it is not zero.
  @inline(__always)
  mutating func reserved<Number: FixedWidthInteger & UnsignedInteger>(
    _: Number.Type, _ bytes: Span<UInt8>
  ) throws(MalformedPacket) {
    let start = offset
    guard try next(Number.self, bytes) == 0 else { throw badField(at: start) }
  }

  /// The next number as an enumeration whose raw value it is.
  @inline(__always)
  mutating func next<Choice: RawRepresentable>(
    choice _: Choice.Type, _ bytes: Span<UInt8>
  ) throws(MalformedPacket) -> Choice
  where Choice.RawValue: FixedWidthInteger & UnsignedInteger {
    let start = offset
    guard let choice = Choice(rawValue: try next(Choice.RawValue.self, bytes)) else {
      throw badField(at: start)
    }
    return choice
  }

  /// A field that the encoder never writes so.
  func badField(at offset: Int) -> MalformedPacket {
    malformed(.badField, asked: UInt64(offset))
  }

  func malformed(_ detail: Refusal.Detail, asked: UInt64 = 0, limit: UInt64 = 0)
    -> MalformedPacket
  {
    MalformedPacket(
      Refusal(.protocolViolation, detail, asked: asked, limit: limit), request: request)
  }

  private func tooShort(_ length: Int, needed: Int) -> MalformedPacket {
    malformed(.badLength, asked: UInt64(length), limit: UInt64(needed))
  }
}

// A cursor over the buffer of a packet that is being written, in little-endian numbers in order. It
// holds the position only, and is given the buffer with every call; it never allocates. A buffer
// that is too small is the caller's bug.

struct PacketWriter {
  private(set) var offset = 0

  /// Writes a number. The loop over the bytes becomes one store in an optimized build.
  @inline(__always)
  mutating func put<Number: FixedWidthInteger & UnsignedInteger>(
    _ number: Number, _ bytes: inout MutableSpan<UInt8>
  ) {
    let size = MemoryLayout<Number>.size
    invariant(
      bytes.count >= size && offset <= bytes.count &- size,
      "the buffer of a packet is large enough for it")
    for index in 0..<size {
      bytes[offset &+ index] = UInt8(
        truncatingIfNeeded: number &>> Number(truncatingIfNeeded: 8 &* index))
    }
    offset &+= size
  }

  @inline(__always)
  mutating func putHeader(
    kind: UInt16, flags: UInt16 = 0, length: Int, request: RequestID,
    _ bytes: inout MutableSpan<UInt8>
  ) {
    put(kind, &bytes)
    put(flags, &bytes)
    put(UInt32(truncatingIfNeeded: length), &bytes)
    put(request.rawValue, &bytes)
  }

  @inline(__always)
  mutating func put(_ range: HandleRange, _ bytes: inout MutableSpan<UInt8>) {
    put(range.handle.rawValue, &bytes)
    put(range.offsetBytes, &bytes)
    put(range.lengthBytes, &bytes)
  }
}

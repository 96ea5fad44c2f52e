// The sixteen bytes at the start of every packet:
//
//   0      2       4          8                  16
//   | kind | flags |  length  |  request number  |
//
// The length repeats what the socket says, so that a packet that was cut is never taken for whole.

package struct PacketHeader: Equatable, Sendable {
  package let kind: UInt16
  package let request: RequestID
  /// The request was sent before, to a daemon that has died since.
  package let isRepeat: Bool

  static let repeatFlag: UInt16 = 1

  /// Reads the header and checks it against the packet's real length; only requests have flags.
  @inline(__always)
  init(
    _ reader: inout PacketReader, _ bytes: Span<UInt8>, flagsAllowed: UInt16 = 0
  ) throws(MalformedPacket) {
    let expected = UInt64(PacketLimits.headerBytes)
    guard bytes.count >= PacketLimits.headerBytes else {
      throw reader.malformed(.badLength, asked: UInt64(bytes.count), limit: expected)
    }
    kind = try reader.next(UInt16.self, bytes)
    let flags = try reader.next(UInt16.self, bytes)
    let length = try reader.next(UInt32.self, bytes)
    request = RequestID(rawValue: try reader.next(UInt64.self, bytes))
    reader.request = request
    guard flags & ~flagsAllowed == 0 else { throw reader.badField(at: 2) }
    isRepeat = flags & Self.repeatFlag != 0
    guard Int(length) == bytes.count else {
      throw reader.malformed(.badLength, asked: UInt64(length), limit: UInt64(bytes.count))
    }
  }

  /// Refuses the packet unless it has exactly the length that its kind prescribes.
  @inline(__always)
  static func require(
    length: Int, descriptors: Int, of bytes: Span<UInt8>, came: Int, _ reader: PacketReader
  ) throws(MalformedPacket) {
    guard bytes.count == length else {
      throw reader.malformed(.badLength, asked: UInt64(bytes.count), limit: UInt64(length))
    }
    guard came == descriptors else {
      throw reader.malformed(
        .badDescriptorCount, asked: UInt64(clamping: came), limit: UInt64(descriptors))
    }
  }
}

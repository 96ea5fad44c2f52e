// The layout of a session's table, a memory file of its own:
//
//   0          4096           allocationsOffset    pinsOffset      fileBytes
//   | header   | places       | allocations        | pins          |
//     12 words   1 byte a frame  32 bytes a slot     64 bytes a slot
//
// The header, in words of 64 bits:
//
//   | magic | fingerprint | session | frames | frameBytes | allocationSlots | pinSlots |
//   | placesOffset | allocationsOffset | pinsOffset | fileBytes | checksum of these     |
//   | standing: 0, or why the daemon has left the session                               |
//
// The daemon writes, the client has a descriptor that can only read. Not a seal that keeps it from
// writing, since that would keep the next daemon from it too. Each part begins on a page of every
// size that Linux has. The file is sparse: what is never used costs nothing.

package struct SessionTableLayout: Equatable, Sendable {
  package let frames: Int
  package let frameBytes: UInt64
  package let allocationSlots: Int
  package let pinSlots: Int

  package init(frames: Int, frameBytes: UInt64, allocationSlots: Int, pinSlots: Int) {
    self.frames = frames
    self.frameBytes = frameBytes
    self.allocationSlots = allocationSlots
    self.pinSlots = pinSlots
  }

  package var placesOffset: UInt64 { UInt64(Self.headerBytes) }

  package var allocationsOffset: UInt64 { Self.aligned(placesOffset + UInt64(frames)) }

  package var pinsOffset: UInt64 {
    Self.aligned(
      allocationsOffset + UInt64(allocationSlots) * 8 * UInt64(TableAllocation.wordsPerRecord))
  }

  package var fileBytes: UInt64 {
    Self.aligned(pinsOffset + UInt64(pinSlots) * 8 * UInt64(TablePin.wordsPerRecord))
  }

  static let headerBytes = 4096
  static let headerWords = 12
  /// The word behind the header that is not 0 once the daemon has left the session.
  static let standingWord = 12
  private static let largestPageBytes: UInt64 = 64 << 10

  private static func aligned(_ offset: UInt64) -> UInt64 {
    (offset + largestPageBytes - 1) / largestPageBytes * largestPageBytes
  }

  /// The letters `cohtable`, in this order.
  package static let magic: UInt64 = 0x656c_6261_7468_6f63

  /// Made of every number in the pictures, so that a layout which changes cannot keep it. Bump
  /// `meaning` when only the meaning of a field changes.
  package static let fingerprint: UInt64 = {
    let meaning: UInt64 = 1
    return Fingerprint.of([
      meaning, UInt64(headerBytes), UInt64(headerWords), UInt64(standingWord),
      UInt64(TableAllocation.wordsPerRecord),
      UInt64(TablePin.wordsPerRecord), UInt64(TableFrame.keptBit), UInt64(TableFrame.placeMask),
      UInt64(TableFrame.zero.rawValue),
      RecordHead(state: .expired, detail: 1, generation: 1).word(slot: 1),
    ])
  }()

  /// The header of a session's table.
  func header(session: UInt32) -> [UInt64] {
    let words = [
      Self.magic, Self.fingerprint, UInt64(session), UInt64(frames), frameBytes,
      UInt64(allocationSlots), UInt64(pinSlots), placesOffset, allocationsOffset, pinsOffset,
      fileBytes,
    ]
    return words + [UInt64(RecordChecksum.of(words))]
  }

  /// Reads a header; throws unless it is one that a daemon of this version wrote.
  static func layout(
    ofHeader words: [UInt64]
  ) throws(TableFault) -> (layout: SessionTableLayout, session: UInt32) {
    guard words[0] == magic else { throw .noTable }
    guard words[1] == fingerprint else {
      throw .otherLayout(expected: fingerprint, found: words[1])
    }
    guard words[headerWords - 1] == UInt64(RecordChecksum.of(Array(words[..<(headerWords - 1)])))
    else { throw .badHeader }
    // So that no sum of them overflows.
    guard words[2] <= UInt64(UInt32.max), words[3...6].allSatisfy({ $0 <= 1 << 40 }) else {
      throw .badHeader
    }
    let layout = SessionTableLayout(
      frames: Int(words[3]), frameBytes: words[4], allocationSlots: Int(words[5]),
      pinSlots: Int(words[6]))
    let session = UInt32(words[2])
    guard layout.header(session: session) == words else { throw .badHeader }
    return (layout, session)
  }
}

// The layout of the ledger, which only daemons read and write:
//
//   0          4096               blocksOffset       filledOffset             fileBytes
//   | header   | sessions         | blocks           | filled frames          |
//     words      64 bytes a slot    16 bytes a block   a bit a device frame
//
// The header, in words of 64 bits; what changes has cache lines of its own:
//
//   | magic | version | fingerprint | region's inode | blocks | blockBytes | frameBytes |
//   | arenaBytes | sessionSlots | checksum | … | generation at word 16 |
//   | … | number of the next session at word 24 | … | frames promised room in the host at 32 |

struct LedgerLayout: Equatable {
  let geometry: LedgerGeometry

  var sessionsOffset: UInt64 { UInt64(Self.headerBytes) }

  var blocksOffset: UInt64 {
    Self.aligned(
      sessionsOffset + UInt64(geometry.sessionSlots) * 8 * UInt64(LedgerSession.wordsPerRecord))
  }

  var filledOffset: UInt64 {
    Self.aligned(
      blocksOffset + UInt64(geometry.blocks) * 8 * UInt64(LedgerBlock.wordsPerRecord))
  }

  var filledWords: Int { (geometry.regionFrames + 63) / 64 }

  var fileBytes: UInt64 { Self.aligned(filledOffset + UInt64(filledWords) * 8) }

  static let headerBytes = 4096
  static let headerWords = 10
  static let generationWord = 16
  static let nextSessionWord = 24
  static let hostFramesWord = 32
  private static let largestPageBytes: UInt64 = 64 << 10

  private static func aligned(_ offset: UInt64) -> UInt64 {
    (offset + largestPageBytes - 1) / largestPageBytes * largestPageBytes
  }

  /// The letters `cohledgr`, in this order.
  static let magic: UInt64 = 0x7267_6465_6c68_6f63
  /// Of the whole: of the ledger, of the tables and of what they mean together.
  static let version: UInt64 = 2

  static let fingerprint: UInt64 = Fingerprint.of([
    UInt64(headerBytes), UInt64(headerWords), UInt64(generationWord),
    UInt64(nextSessionWord), UInt64(hostFramesWord), UInt64(LedgerSession.wordsPerRecord),
    UInt64(LedgerBlock.wordsPerRecord),
    SessionTableLayout.fingerprint,
    ControlWords.fingerprint,
  ])

  func header(regionInode: UInt64) -> [UInt64] {
    let words = [
      Self.magic, Self.version, Self.fingerprint, regionInode, UInt64(geometry.blocks),
      geometry.blockBytes, geometry.frameBytes, geometry.arenaBytes,
      UInt64(geometry.sessionSlots),
    ]
    return words + [UInt64(RecordChecksum.of(words))]
  }

  /// Reads a header; throws unless a daemon of this version wrote it.
  static func layout(
    ofHeader words: [UInt64]
  ) throws(LedgerFault) -> (layout: LedgerLayout, regionInode: UInt64) {
    guard words[0] == magic else { throw .noLedger }
    guard words[1] == version, words[2] == fingerprint else {
      throw .otherVersion(expected: version, found: words[1])
    }
    guard words[headerWords - 1] == UInt64(RecordChecksum.of(Array(words[..<(headerWords - 1)]))),
      words[4...8].allSatisfy({ $0 > 0 && $0 <= 1 << 50 }), words[6].nonzeroBitCount == 1,
      !words[4].multipliedReportingOverflow(by: words[5]).overflow
    else { throw .badHeader }
    let geometry = LedgerGeometry(
      blocks: Int(words[4]), blockBytes: words[5], frameBytes: words[6], arenaBytes: words[7],
      sessionSlots: Int(words[8]))
    return (LedgerLayout(geometry: geometry), words[3])
  }
}

// What has to be known of a session without its daemon: where each frame's bytes are, and which
// allocations and pins there are. The daemon writes it, as `SessionTableLayout` shows; the next one
// makes the session from it again, and a client whose daemon has died reads from it which frames it
// has to bring back by itself.
//
// Law: before a client is told of anything, it stands here. Only the session's memory and its pins
// are at stake: a client that manages to write its own table spoils its own session.

import CoherentSystem
import Synchronization

/// One side's view of a session's table. Owns its mapping.
package final class SessionTable: @unchecked Sendable {
  // SAFETY: the range stays mapped while this object lives, since it owns the mapping. It is only
  // ever accessed as atomics, through `places` and the two tables.
  private let mapping: Mapping
  package let layout: SessionTableLayout
  package let session: UInt32
  // SAFETY: `layout.frames` bytes inside the mapping, bound once in init; any bits are valid.
  let places: UnsafeMutablePointer<Atomic<UInt8>>
  // SAFETY: a word of the header's page, as those of the header.
  let standingWord: UnsafeMutablePointer<Atomic<UInt64>>
  let allocations: RecordTable
  let pins: RecordTable

  /// A new session's table, whose file reads as zeros. Writes the header.
  package init(daemon mapping: consuming Mapping, _ layout: SessionTableLayout, session: UInt32) {
    self.layout = layout
    self.session = session
    (places, allocations, pins) = Self.bind(mapping.bytes, layout)
    standingWord = Self.words(mapping.bytes, at: 0) + SessionTableLayout.standingWord
    for (index, word) in layout.header(session: session).enumerated() {
      // Relaxed: the client gets the file by a message that is sent after this.
      Self.words(mapping.bytes, at: 0)[index].store(word, ordering: .relaxed)
    }
    self.mapping = mapping
  }

  /// A table that is there already, to be read, and to be gone on with by a daemon. The mapping is
  /// the whole file; it is unmapped when this throws.
  package init(existing mapping: consuming Mapping) throws(TableFault) {
    let size = UInt64(mapping.lengthBytes)
    guard size >= UInt64(SessionTableLayout.headerBytes) else { throw .noTable }
    let header = Self.words(mapping.bytes, at: 0)
    // Relaxed: it was written before the file came here, and it has a checksum.
    let words = (0..<SessionTableLayout.headerWords).map { header[$0].load(ordering: .relaxed) }
    let (layout, session) = try SessionTableLayout.layout(ofHeader: words)
    guard layout.fileBytes == size else {
      throw .wrongSize(expected: layout.fileBytes, found: size)
    }
    self.layout = layout
    self.session = session
    (places, allocations, pins) = Self.bind(mapping.bytes, layout)
    standingWord = Self.words(mapping.bytes, at: 0) + SessionTableLayout.standingWord
    self.mapping = mapping
  }

  private static func bind(
    _ bytes: UnsafeMutableRawBufferPointer, _ layout: SessionTableLayout
  ) -> (UnsafeMutablePointer<Atomic<UInt8>>, RecordTable, RecordTable) {
    invariant(UInt64(bytes.count) >= layout.fileBytes, "a table is mapped whole")
    // SAFETY: the layout's parts lie one after the other inside the mapping, as was just checked;
    // mappings are aligned to pages, and so is each part.
    let places = (bytes.baseAddress! + Int(layout.placesOffset))
      .bindMemory(to: Atomic<UInt8>.self, capacity: layout.frames)
    return (
      places,
      RecordTable(
        words(bytes, at: layout.allocationsOffset), slots: layout.allocationSlots,
        wordsPerRecord: TableAllocation.wordsPerRecord),
      RecordTable(
        words(bytes, at: layout.pinsOffset), slots: layout.pinSlots,
        wordsPerRecord: TablePin.wordsPerRecord)
    )
  }

  private static func words(
    _ bytes: UnsafeMutableRawBufferPointer, at offset: UInt64
  ) -> UnsafeMutablePointer<Atomic<UInt64>> {
    // SAFETY: every part begins on a page inside the mapping and is accessed as words only.
    (bytes.baseAddress! + Int(offset)).bindMemory(to: Atomic<UInt64>.self, capacity: 1)
  }
}

// What the next daemon has to know that no session's table says: the geometry of everything that is
// kept, which sessions there are, which device frames the region's file holds, and how many daemons
// there were. One for all sessions. No client ever sees it.
//
// Law: a session stands here before its client is told that it is attached, and no longer once its
// client may serve itself. A frame is marked as filled after its memory was committed, and as not
// filled before it is given away; so what is marked is there, and what is not may be punched again.

import CoherentSystem
import Synchronization

package final class Ledger: @unchecked Sendable {
  // SAFETY: the range stays mapped while this object lives, since it owns the mapping. It is only
  // ever accessed as atomics, through `header`, `sessionTable`, `blockTable` and `filledWords`.
  private let mapping: Mapping
  private let layout: LedgerLayout
  // SAFETY: words inside the mapping, bound once in init; any bits are valid.
  private let header: UnsafeMutablePointer<Atomic<UInt64>>
  private let filledWords: UnsafeMutablePointer<Atomic<UInt64>>
  let blockTable: UnsafeMutablePointer<Atomic<UInt64>>
  private let sessionTable: RecordTable
  /// Which session has which slot: entered and removed by any thread.
  private let occupants: Mutex<[UInt32?]>
  /// Tells the region's file from others.
  package let regionInode: UInt64

  package var geometry: LedgerGeometry { layout.geometry }

  /// How long a ledger's file is.
  package static func fileBytes(_ geometry: LedgerGeometry) -> UInt64 {
    LedgerLayout(geometry: geometry).fileBytes
  }

  /// A new ledger, whose file reads as zeros: no session, no frame filled, the first generation.
  package init(
    new mapping: consuming Mapping, _ geometry: LedgerGeometry, regionInode: UInt64
  ) {
    layout = LedgerLayout(geometry: geometry)
    self.regionInode = regionInode
    (header, sessionTable, blockTable, filledWords) = Self.bind(mapping.bytes, layout)
    occupants = Mutex(Array(repeating: nil, count: geometry.sessionSlots))
    self.mapping = mapping
    for (index, word) in layout.header(regionInode: regionInode).enumerated() {
      // Relaxed: no other process reads it before this one has died.
      header[index].store(word, ordering: .relaxed)
    }
    write(1, at: LedgerLayout.generationWord)
    write(1, at: LedgerLayout.nextSessionWord)
    write(0, at: LedgerLayout.hostFramesWord)
  }

  /// A ledger that another daemon kept. The mapping is the whole file; unmapped when this throws.
  package init(existing mapping: consuming Mapping) throws(LedgerFault) {
    let size = UInt64(mapping.lengthBytes)
    guard size >= UInt64(LedgerLayout.headerBytes) else { throw .noLedger }
    let words = Self.words(mapping.bytes, at: 0)
    // Relaxed: its writer has died.
    let found = (0..<LedgerLayout.headerWords).map { words[$0].load(ordering: .relaxed) }
    (layout, regionInode) = try LedgerLayout.layout(ofHeader: found)
    guard layout.fileBytes == size else {
      throw .wrongSize(expected: layout.fileBytes, found: size)
    }
    (header, sessionTable, blockTable, filledWords) = Self.bind(mapping.bytes, layout)
    var ids: [UInt32?] = []
    for slot in 0..<layout.geometry.sessionSlots {
      ids.append(try Self.session(sessionTable, slot)?.id)
    }
    occupants = Mutex(ids)
    self.mapping = mapping
    guard read(LedgerLayout.generationWord) != nil else { throw .badGeneration }
    guard read(LedgerLayout.nextSessionWord) != nil, read(LedgerLayout.hostFramesWord) != nil else {
      throw .badHeader
    }
  }

  // MARK: numbers that only grow

  /// How many daemons there were, this one included.
  package var generation: UInt32 { read(LedgerLayout.generationWord) ?? 0 }

  /// Another daemon begins.
  package func beginGeneration() { write(generation &+ 1, at: LedgerLayout.generationWord) }

  /// Above the number of every session that was ever entered.
  package var nextSession: UInt32 { read(LedgerLayout.nextSessionWord) ?? 1 }

  /// The most frames that any limit of these daemons has promised room in the host: what sessions
  /// hold was admitted below it, whatever the limit is by now.
  package var hostFrames: Int { Int(read(LedgerLayout.hostFramesWord) ?? 0) }

  /// Another limit takes effect. To be said before it does, by one thread.
  package func note(hostFrames frames: Int) {
    write(UInt32(clamping: max(frames, hostFrames)), at: LedgerLayout.hostFramesWord)
  }

  private func read(_ index: Int) -> UInt32? {
    // Relaxed: one word, which checks itself.
    let word = header[index].load(ordering: .relaxed)
    return RecordHead(word: word, slot: index)?.generation
  }

  private func write(_ number: UInt32, at index: Int) {
    let head = RecordHead(state: .live, generation: number)
    // Relaxed: see above.
    header[index].store(head.word(slot: index), ordering: .relaxed)
  }

  // MARK: sessions

  /// Enters a session. False if there is no room.
  package func enter(_ session: LedgerSession) -> Bool {
    occupants.withLock { occupants in
      guard let slot = occupants.firstIndex(of: nil) else { return false }
      occupants[slot] = session.id
      write(max(nextSession, session.id &+ 1), at: LedgerLayout.nextSessionWord)
      sessionTable.write(slot: slot, session.head(.live), body: session.body)
      return true
    }
  }

  /// A session is over, or its client serves itself. Nothing if it is not entered.
  package func remove(session id: UInt32) {
    occupants.withLock { occupants in
      guard let slot = occupants.firstIndex(of: id) else { return }
      occupants[slot] = nil
      let head = RecordHead(state: .gone, generation: id)
      sessionTable.write(slot: slot, head, body: [])
    }
  }

  /// How many sessions are entered.
  package var sessionCount: Int { occupants.withLock { $0.count { $0 != nil } } }

  /// The sessions that are entered, by their slots.
  package func sessions() throws(LedgerFault) -> [LedgerSession] {
    var sessions: [LedgerSession] = []
    for slot in 0..<geometry.sessionSlots {
      if let session = try Self.session(sessionTable, slot) { sessions.append(session) }
    }
    return sessions
  }

  private static func session(
    _ table: RecordTable, _ slot: Int
  ) throws(LedgerFault) -> LedgerSession? {
    switch table.read(slot: slot) {
    case .neverUsed, .ended: return nil
    case .live(let head, let body): return LedgerSession(head, body: body)
    case .damaged: throw .badSession(slot: slot)
    }
  }

  // MARK: the region's frames

  /// Marks device frames as held by the region's file, or not. Any thread may, each for frames that
  /// it works on; neighbours share a word, so each bit is changed by itself.
  package func note(filled isFilled: Bool, _ frames: Range<Int>) {
    invariant(frames.upperBound <= geometry.regionFrames, "a device frame lies within the region")
    for index in frames {
      let word = filledWords + (index >> 6)
      let bit = UInt64(1) << UInt64(index & 63)
      // Relaxed: the next daemon reads after this one has died. The system call before or after
      // this is not moved across it, since it could read the word.
      if isFilled {
        word.pointee.bitwiseOr(bit, ordering: .relaxed)
      } else {
        word.pointee.bitwiseAnd(~bit, ordering: .relaxed)
      }
    }
  }

  /// Of each device frame of the first blocks, whether it is marked as held by the region's file.
  package func filled(blocks: Int) -> [Bool] {
    (0..<blocks * geometry.blockFrames).map { index in
      // Relaxed: see above.
      let word = filledWords[index >> 6].load(ordering: .relaxed)
      return word & (UInt64(1) << UInt64(index & 63)) != 0
    }
  }

  // MARK: the mapping

  private static func bind(
    _ bytes: UnsafeMutableRawBufferPointer, _ layout: LedgerLayout
  ) -> (
    UnsafeMutablePointer<Atomic<UInt64>>, RecordTable, UnsafeMutablePointer<Atomic<UInt64>>,
    UnsafeMutablePointer<Atomic<UInt64>>
  ) {
    invariant(UInt64(bytes.count) >= layout.fileBytes, "a ledger is mapped whole")
    return (
      words(bytes, at: 0),
      RecordTable(
        words(bytes, at: layout.sessionsOffset), slots: layout.geometry.sessionSlots,
        wordsPerRecord: LedgerSession.wordsPerRecord),
      words(bytes, at: layout.blocksOffset), words(bytes, at: layout.filledOffset)
    )
  }

  private static func words(
    _ bytes: UnsafeMutableRawBufferPointer, at offset: UInt64
  ) -> UnsafeMutablePointer<Atomic<UInt64>> {
    // SAFETY: every part begins on a page inside the mapping and is accessed as words only.
    (bytes.baseAddress! + Int(offset)).bindMemory(to: Atomic<UInt64>.self, capacity: 1)
  }
}

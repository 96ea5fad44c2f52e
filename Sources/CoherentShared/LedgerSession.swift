// A session as the ledger knows it: what a daemon needs to go on with it, besides its descriptors
// and its table.

package struct LedgerSession: Equatable, Sendable {
  package var id: UInt32
  /// Where the client mapped its arena.
  package var baseAddress: UInt64
  /// The inodes of its memory file and of its table, by which the two are told apart.
  package var fileInode: UInt64
  package var tableInode: UInt64
  /// By the clock CLOCK_MONOTONIC.
  package var sinceNanoseconds: UInt64
  /// How many allocations its table and its control memory have room for.
  package var allocationSlots: UInt32

  package init(
    id: UInt32, baseAddress: UInt64, fileInode: UInt64, tableInode: UInt64,
    sinceNanoseconds: UInt64, allocationSlots: UInt32
  ) {
    self.id = id
    self.baseAddress = baseAddress
    self.fileInode = fileInode
    self.tableInode = tableInode
    self.sinceNanoseconds = sinceNanoseconds
    self.allocationSlots = allocationSlots
  }

  static let wordsPerRecord = 8

  /// A session's number takes the place of the generation: it never comes back to its slot.
  func head(_ state: RecordHead.State) -> RecordHead { RecordHead(state: state, generation: id) }

  var body: [UInt64] {
    [baseAddress, fileInode, tableInode, sinceNanoseconds, UInt64(allocationSlots), 0]
  }

  init(_ head: RecordHead, body: [UInt64]) {
    self.init(
      id: head.generation, baseAddress: body[0], fileInode: body[1], tableInode: body[2],
      sinceNanoseconds: body[3], allocationSlots: UInt32(truncatingIfNeeded: body[4]))
  }
}

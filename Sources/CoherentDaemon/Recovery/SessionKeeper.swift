// Keeps what outlives this daemon: the region and the ledger from its start, each session from
// before its client is told that it is attached until before anything of it is given back. There is
// none where no supervisor keeps descriptors.

import CoherentShared
import CoherentSystem
import CoherentWire

final class SessionKeeper: Sendable {
  let ledger: Ledger
  /// Of the ledger's file, for the store.
  private let ledgerFile: MemoryFile

  static let regionName = "region"
  static let ledgerName = "ledger"
  private static let sessionPrefix = "s"
  private static let sessionSlots = 512

  /// The name of a session's descriptors.
  static func name(of session: UInt32) -> String { "\(sessionPrefix)\(session)" }

  /// The session that a name belongs to, nil if it is no session's.
  static func session(ofName name: String) -> UInt32? {
    guard name.hasPrefix(sessionPrefix), let number = UInt32(name.dropFirst()),
      Self.name(of: number) == name
    else { return nil }
    return number
  }

  /// A new ledger, with no session and no frame filled.
  init(geometry: RegionGeometry, regionInode: UInt64) throws(SystemError) {
    let geometry = LedgerGeometry(
      blocks: geometry.blocks, blockBytes: geometry.blockBytes, frameBytes: geometry.frameBytes,
      arenaBytes: geometry.arenaBytes, sessionSlots: Self.sessionSlots)
    let file = try MemoryFile(name: "coherentd-ledger", sizeBytes: Ledger.fileBytes(geometry))
    try file.seal()
    ledger = Ledger(
      new: try Mapping(file: file, lengthBytes: Int(file.sizeBytes), writable: true), geometry,
      regionInode: regionInode)
    ledgerFile = file
  }

  /// The ledger of the daemon before.
  init(adopting ledger: Ledger, file: consuming MemoryFile) {
    self.ledger = ledger
    ledgerFile = file
  }

  /// Stores what all sessions have in common. A region that was adopted is stored already.
  /// False where there is no room for them.
  func keepRegion(_ region: borrowing MemoryFile) -> Bool {
    DescriptorStore.put([region.raw], name: Self.regionName, drops: false)
      && DescriptorStore.put([ledgerFile.raw], name: Self.ledgerName, drops: false)
  }

  /// Keeps a session. False if there is no room: it would not survive, so it may not begin.
  func keep(_ session: ClientSession, fault: CInt, baseAddress: UInt64) -> Bool {
    KillPoint.reached(.beforeKeep)
    guard let fileInode = try? session.memory.file.inode(),
      let tableInode = try? session.memory.tableFile.descriptor.inode()
    else { return false }
    let id = session.id.rawValue
    let entry = LedgerSession(
      id: id, baseAddress: baseAddress, fileInode: fileInode, tableInode: tableInode,
      sinceNanoseconds: session.sinceNanoseconds,
      allocationSlots: UInt32(session.table.layout.allocationSlots))
    guard ledger.enter(entry) else { return false }
    KillPoint.reached(.betweenKeeps)
    let name = Self.name(of: id)
    guard DescriptorStore.put([session.socket.raw], name: name, drops: true),
      DescriptorStore.put(
        [fault, session.memory.file.raw, session.memory.tableFile.raw], name: name, drops: false)
    else {
      end(session.id)
      return false
    }
    return true
  }

  /// A session is over, or its client is about to serve itself. Again is no harm.
  func end(_ session: SessionID) {
    KillPoint.reached(.beforeLedgerEnd)
    ledger.remove(session: session.rawValue)
    KillPoint.reached(.beforeStoreEnd)
    DescriptorStore.remove(name: Self.name(of: session.rawValue))
    KillPoint.reached(.afterStoreEnd)
  }

  /// The daemon stops for good: nothing is kept. Waits until the supervisor has heard it.
  func endAll(_ sessions: [SessionID]) {
    for session in sessions { end(session) }
    DescriptorStore.remove(name: Self.regionName)
    DescriptorStore.remove(name: Self.ledgerName)
    DescriptorStore.settle()
  }

  /// How many descriptors the supervisor should have.
  var expectedDescriptors: Int {
    2 + ledger.sessionCount * DescriptorStore.descriptorsPerSession
  }
}

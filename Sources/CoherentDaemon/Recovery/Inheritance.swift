// What a daemon that died has left, once it is known to be whole: its region and its ledger, and
// the descriptors of its sessions. A ledger that this version does not read, or that is damaged, is
// refused with everything that belongs to it: the clients' connections are closed, and their
// library brings their data back into their own memory. Nothing is guessed.

import CoherentShared
import CoherentSystem

struct Inheritance {
  let ledger: Ledger
  let ledgerFile: KeptFile
  let region: KeptFile
  /// Those that the ledger has entered, by its word.
  let entries: [LedgerSession]
  let sessions: [UInt32: KeptSession]
  /// The blocks of the region, from the first on.
  let blocks: [LedgerBlock]

  /// Nil where there is nothing to go on with.
  static func found(in kept: inout KeptDescriptors, _ log: Log) -> Inheritance? {
    for name in Set(kept.strangers) {
      log.notice(
        "the supervisor kept descriptors named '\(name)', which nobody here knows: dropped")
      DescriptorStore.remove(name: name)
    }
    if kept.isEmpty { return nil }
    do {
      return try read(&kept)
    } catch {
      log.error(
        "what the daemon before this one left is refused: \(error); its sessions, "
          + "\(kept.sessions.count), get their data back into their own memory and connect again")
      kept.dropAll()
      return nil
    }
  }

  private static func read(_ kept: inout KeptDescriptors) throws -> Inheritance {
    guard let ledgerFile = kept.ledger?.take() else { throw InheritanceFault.missing("ledger") }
    guard let regionFile = kept.region?.take() else { throw InheritanceFault.missing("region") }
    let ledger = try Ledger(
      existing: try Mapping(
        file: ledgerFile, lengthBytes: Int(ledgerFile.sizeBytes), writable: true))
    guard try regionFile.descriptor.inode() == ledger.regionInode,
      regionFile.sizeBytes == ledger.geometry.regionBytes
    else { throw InheritanceFault.otherRegion }
    let entries = try ledger.sessions()
    for id in kept.sessions.keys where !entries.contains(where: { $0.id == id }) {
      kept.drop(id)  // it had ended, or not begun
    }
    return Inheritance(
      ledger: ledger, ledgerFile: KeptFile(ledgerFile), region: KeptFile(regionFile),
      entries: entries, sessions: kept.sessions, blocks: try ledger.blocks())
  }
}

enum InheritanceFault: Error, CustomStringConvertible {
  case missing(String)
  case otherRegion

  var description: String {
    switch self {
    case .missing(let name): "the \(name) is missing"
    case .otherRegion: "the region is not the ledger's"
    }
  }
}

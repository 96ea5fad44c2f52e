// A session that goes on: its descriptors, its table read and checked by itself, and its control
// words. Whatever does not fit refuses this session alone.

import CoherentCore
import CoherentShared
import CoherentSystem
import CoherentWire

final class AdoptedSession {
  // SAFETY: used by the thread that starts the daemon only; the descriptors are taken out once.
  let entry: LedgerSession
  let peer: PeerCredentials
  let recovered: RecoveredSession
  let memory: SessionMemory
  let leftovers: Leftovers
  private var socket: LocalSocket?
  private var process: ProcessDescriptor?
  private var fault: Userfault?

  var id: SessionID { SessionID(rawValue: entry.id) }

  /// Throws why the session cannot be gone on with.
  init(
    _ entry: LedgerSession, _ kept: KeptSession?, _ geometry: LedgerGeometry
  ) throws(AdoptionFault) {
    guard let kept, !kept.isOdd, let socket = kept.socket.take(), let fault = kept.fault.take()
    else { throw AdoptionFault.clientGone }
    guard let keptFile = kept.files[entry.fileInode]?.take(),
      let keptTable = kept.files[entry.tableInode]?.take(), kept.files.count == 2
    else { throw AdoptionFault.otherFiles }
    do throws(SystemError) {
      peer = try socket.peerCredentials()
      process = ProcessDescriptor(adopting: try socket.peerProcessDescriptor())
    } catch {
      throw AdoptionFault.clientGone
    }
    guard process?.isGone != true else { throw AdoptionFault.clientGone }
    let file = keptFile.charged(ClosingCharge(.memory, user: peer.user))
    let tableFile = keptTable.charged(ClosingCharge(.memory, user: peer.user))
    let id = SessionID(rawValue: entry.id)
    let clientFile = ClientFile(file)
    do {
      memory = try SessionMemory(adopting: entry, clientFile, tableFile, geometry)
      recovered = try RecoveredSession(
        id: id, process: UInt32(peer.process), user: UserID(rawValue: peer.user), memory)
    } catch {
      throw .damaged(LostSession(id, peer, clientFile, geometry, "\(error)"))
    }
    leftovers = Leftovers(recovered, frameBytes: geometry.frameBytes)
    self.entry = entry
    self.socket = socket.charged(ClosingCharge(.connection, user: peer.user))
    self.fault = fault.charged(ClosingCharge(.sent, user: peer.user))
  }

  /// The connection; once.
  func connection(_ performer: Performer) -> ClientSession {
    ClientSession(
      id: id, peer: peer, socket: socket.take()!, process: process.take()!, memory: memory,
      sinceNanoseconds: entry.sinceNanoseconds, performer: performer)
  }

  func takeFault() -> Userfault { fault.take()! }
}

enum AdoptionFault: Error, CustomStringConvertible {
  case clientGone
  case otherFiles
  case otherTable
  case damaged(LostSession)

  var description: String {
    switch self {
    case .clientGone: "its client is gone"
    case .otherFiles: "its files are not those of the ledger"
    case .otherTable: "its table is not laid out as the ledger says"
    case .damaged(let lost): lost.reason
    }
  }
}

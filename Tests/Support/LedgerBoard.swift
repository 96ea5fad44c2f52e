// The session tables of a world without memory: what the core notes, kept as a daemon would find it
// after a death.

import CoherentCore
import CoherentWire

package struct LedgerBoard {
  package private(set) var sessions: [SessionID: RecoveredSession] = [:]
  /// The blocks, as far as any was ever noted.
  package private(set) var blocks: [BlockRecord] = []

  package init() {}

  /// Takes what the core has noted. To be called after each event, before effects are performed.
  package mutating func note(from core: inout Core) {
    core.takeLedgerOperations { operation in
      switch operation {
      case .place(let id, let range, let record): place(id, range, record)
      case .allocation(let id, let slot, let record):
        Self.put(record, at: slot, in: &sessions[id, default: Self.empty(id)].allocations)
      case .pin(let id, let slot, let record):
        Self.put(record, at: slot, in: &sessions[id, default: Self.empty(id)].pins)
      case .block(let block, let record): place(block, record)
      }
    }
  }

  /// What a pager writes before it punches, and what the core notes of frames at rest.
  package mutating func place(_ id: SessionID, _ range: Range<Int>, _ record: FrameRecord) {
    var session = sessions[id] ?? Self.empty(id)
    while session.frames.count < range.upperBound { session.frames.append(.untouched) }
    for index in range { session.frames[index] = record }
    sessions[id] = session
  }

  package mutating func place(_ block: Int, _ record: BlockRecord) {
    while blocks.count <= block { blocks.append(BlockRecord(state: .absent, kind: .unbound)) }
    blocks[block] = record
  }

  /// A frame's record with the place that an eviction commits; who keeps it in host stays noted.
  package func stored(_ id: SessionID, _ index: Int) -> FrameRecord {
    let isKept = sessions[id].map { $0.frames[index].isKeptInHost } ?? false
    return isKept ? FrameRecord.stored.keptInHost : .stored
  }

  package mutating func remove(_ id: SessionID) { sessions[id] = nil }

  /// The sessions as the next daemon finds them, with their control words.
  package func recovered(_ words: WordBoard) -> [RecoveredSession] {
    sessions.values.sorted { $0.id.rawValue < $1.id.rawValue }.map { session in
      var session = session
      for (slot, word) in (words.words[session.id] ?? [:]).sorted(by: { $0.key < $1.key })
      where word.isResident {
        if word.isEvicting {
          session.closingWords.append(slot)
        } else {
          session.openWords.append(slot)
        }
      }
      return session
    }
  }

  private static func empty(_ id: SessionID) -> RecoveredSession {
    RecoveredSession(id: id, process: 7)
  }

  private static func put<Record>(_ record: Record, at slot: Int, in records: inout [Record?]) {
    while records.count <= slot { records.append(nil) }
    records[slot] = record
  }
}

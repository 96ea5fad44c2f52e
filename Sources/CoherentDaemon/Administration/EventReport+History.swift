// An entry of the core's history as the administration module shows it.

import CoherentControl
import CoherentCore
import CoherentWire

extension EventReport {
  init(_ entry: HistoryEntry, _ clock: WallTime) {
    self.init(number: entry.number, kind: CoherentControl.EventKind(entry.kind))
    timeMicroseconds = clock.microseconds(entry.time)
    session = entry.session.rawValue == 0 ? nil : entry.session
    process = entry.process == 0 ? nil : Int32(bitPattern: entry.process)
    allocation = entry.allocation
    bytes = entry.bytes
    cause = HistoryText.word(entry.origin.cause)
    bySession = entry.origin.session
    byProcess = entry.origin.process.map { Int32(bitPattern: $0) }
    block = entry.block.map { Int($0) }
    state = entry.state.map { CoherentControl.BlockState(rawValue: HistoryText.word($0)) }
    text = HistoryText.sentence(entry)
  }
}

extension CoherentControl.EventKind {
  fileprivate init(_ kind: HistoryEntry.Kind) {
    switch kind {
    case .evicted: self = .evicted
    case .restored: self = .restored
    case .revoked: self = .revoked
    case .refused: self = .refused
    case .block: self = .block
    case .pressure: self = .pressure
    case .session: self = .session
    case .dataLost: self = .dataLost
    }
  }
}

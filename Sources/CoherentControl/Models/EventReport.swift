// Something that the daemon did, or that was done to it, as it is remembered for a while. These
// properties are the fields of `Event` in the interface and the keys of `coherentctl events
// --json`.
import CoherentWire

package struct EventReport: Equatable, Sendable {
  /// Counts up from 1 since the daemon started, without gaps.
  package var number: UInt64
  /// Since 1970, by the clock of the wall.
  package var timeMicroseconds: UInt64 = 0
  package var kind: EventKind
  /// Whose memory it is about, if anybody's.
  package var session: SessionID?
  package var process: Int32?
  package var allocation: HandleID?
  package var bytes: UInt64 = 0
  /// What it was done for, as a word.
  package var cause = ""
  /// Whose wish it was, if somebody's.
  package var bySession: SessionID?
  package var byProcess: Int32?
  /// Of a block: which, and its state since then.
  package var block: Int?
  package var state: BlockState?
  /// All of it as a sentence.
  package var text = ""

  package init(number: UInt64, kind: EventKind) {
    self.number = number
    self.kind = kind
  }
}

/// What happened, as a word. An open set.
package struct EventKind: RawRepresentable, Hashable, Codable, Sendable {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }

  package static let evicted = EventKind(rawValue: "evicted")
  package static let restored = EventKind(rawValue: "restored")
  package static let revoked = EventKind(rawValue: "revoked")
  package static let refused = EventKind(rawValue: "refused")
  package static let block = EventKind(rawValue: "block")
  package static let pressure = EventKind(rawValue: "pressure")
  package static let session = EventKind(rawValue: "session")
  package static let dataLost = EventKind(rawValue: "data-lost")

  /// Those that this version knows.
  package static let all: [EventKind] = [
    evicted, restored, revoked, refused, block, pressure, session, dataLost,
  ]
}

/// Some events in their order, as the daemon's memory of them has them.
package struct EventPage: Equatable, Sendable {
  package var events: [EventReport] = []
  /// How many between the number that was asked with and the first of these are forgotten already.
  package var dropped: UInt64 = 0
  /// The number of the latest event of all; 0 if there was none yet.
  package var newest: UInt64 = 0

  package init() {}
}

extension EventReport: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case number
    case timeMicroseconds = "time_us"
    case kind
    case session
    case process = "pid"
    case allocation
    case bytes
    case cause
    case bySession = "by_session"
    case byProcess = "by_pid"
    case block
    case state
    case text
  }
}

extension KeyedEncodingContainer<EventReport.CodingKeys> {
  /// What is absent is null, so that every event has the same keys.
  mutating func encodeIfPresent(_ value: SessionID?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
  }

  mutating func encodeIfPresent(_ value: Int32?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
  }

  mutating func encodeIfPresent(_ value: HandleID?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
  }

  mutating func encodeIfPresent(_ value: Int?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
  }

  mutating func encodeIfPresent(_ value: BlockState?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
  }
}

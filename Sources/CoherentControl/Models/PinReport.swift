// One pin as the administrator sees it: whose it is, what it keeps in place, since when and until
// when, and who waits for it. These properties are the fields of `Pin` in the interface and the
// keys of `coherentctl pins --json`.
import CoherentWire

package struct PinReport: Equatable, Sendable {
  package var session: SessionID
  package var process: Int32 = 0
  package var user: UInt32 = 0
  /// As in `SessionReport`.
  package var unit: String?
  package var command = ""
  package var kind = PinKind.request
  package var allocation: HandleID
  package var offsetBytes: UInt64 = 0
  package var lengthBytes: UInt64 = 0
  /// How many pins this stands for: all fast pins of an allocation are one entry.
  package var count: UInt64 = 1
  package var heldMilliseconds: UInt64 = 0
  /// False: nobody saw it begin, and it is held for that long at least.
  package var isHeldExact = true
  /// What is left of the lease; nil if it has no end.
  package var remainingMilliseconds: UInt64?
  package var renewals: UInt64 = 0
  package var waiting: UInt64 = 0
  /// The first few of those who wait.
  package var waiters: [PinWaiterReport] = []

  package init(session: SessionID, allocation: HandleID) {
    self.session = session
    self.allocation = allocation
  }
}

extension PinReport: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case session
    case process = "pid"
    case user = "uid"
    case unit
    case command = "comm"
    case kind
    case allocation
    case offsetBytes = "offset_bytes"
    case lengthBytes = "length_bytes"
    case count
    case heldMilliseconds = "held_ms"
    case isHeldExact = "held_exact"
    case remainingMilliseconds = "remaining_ms"
    case renewals
    case waiting
    case waiters
  }
}

extension KeyedEncodingContainer<PinReport.CodingKeys> {
  /// What is absent is null, so that every row has the same keys. The synthesised encoding, which
  /// would leave the key out, calls these instead.
  mutating func encodeIfPresent(_ value: String?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
  }

  mutating func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
  }
}

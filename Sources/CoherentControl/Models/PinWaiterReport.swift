// One request that waits for a pin to end. These properties are the fields of `Waiter` in the
// interface.
import CoherentWire

package struct PinWaiterReport: Equatable, Sendable {
  /// Who asked; nil for an administrator.
  package var session: SessionID?
  package var process: Int32?
  package var wish = PinWish.allocate
  package var bytes: UInt64 = 0
  package var waitingMilliseconds: UInt64 = 0
  package var remainingMilliseconds: UInt64 = 0

  package init() {}
}

/// What somebody waits for a pin for, as a word. An open set.
package struct PinWish: RawRepresentable, Hashable, Codable, Sendable {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }

  package static let allocate = PinWish(rawValue: "allocate")
  package static let migrateToDevice = PinWish(rawValue: "migrate to device")
  package static let migrateToHost = PinWish(rawValue: "migrate to host")
}

extension PinWaiterReport: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case session
    case process = "pid"
    case wish
    case bytes
    case waitingMilliseconds = "waiting_ms"
    case remainingMilliseconds = "remaining_ms"
  }
}

extension KeyedEncodingContainer<PinWaiterReport.CodingKeys> {
  /// What is absent is null, so that every entry has the same keys.
  mutating func encodeIfPresent(_ value: SessionID?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
  }

  mutating func encodeIfPresent(_ value: Int32?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
  }
}

// One allocation explained: where its bytes are, why each part is where it is, and what was done to
// it lately. These properties are the fields of `Why` and `Reason` in the interface.
//
//   untouched + device + host + stored == size    (a frame on its way counts where it comes from)
import CoherentWire

/// What `Explain` answers: an entry for each session that has an allocation of that name.
package struct WhyReport: Equatable, Sendable, Codable {
  package var why: [AllocationExplanation]

  package init(why: [AllocationExplanation]) { self.why = why }

  enum CodingKeys: String, CodingKey, CaseIterable { case why }
}

package struct AllocationExplanation: Equatable, Sendable {
  package var session: SessionID
  package var process: Int32 = 0
  package var allocation: HandleID
  package var offsetBytes: UInt64 = 0
  package var sizeBytes: UInt64 = 0
  package var priority: UInt8 = 0
  package var untouchedBytes: UInt64 = 0
  package var deviceBytes: UInt64 = 0
  package var hostBytes: UInt64 = 0
  package var storedBytes: UInt64 = 0
  /// Of these, on their way.
  package var movingBytes: UInt64 = 0
  package var pinnedBytes: UInt64 = 0
  package var reasons: [PlaceReason] = []
  /// What was done to it, the oldest first, as far as it is remembered.
  package var history: [EventReport] = []
  /// Since when everything is remembered, by the clock of the wall; nil: since it was made.
  package var rememberedSinceMicroseconds: UInt64?

  package init(session: SessionID, allocation: HandleID) {
    self.session = session
    self.allocation = allocation
  }
}

/// Why so many bytes of an allocation are in one place.
package struct PlaceReason: Equatable, Sendable, Codable {
  /// untouched, device, host or stored; a newer daemon may know more words.
  package var place: String
  package var bytes: UInt64
  /// As a word, and as a sentence.
  package var reason: String
  package var text: String

  package init(place: String, bytes: UInt64, reason: String, text: String) {
    self.place = place
    self.bytes = bytes
    self.reason = reason
    self.text = text
  }

  enum CodingKeys: String, CodingKey, CaseIterable { case place, bytes, reason, text }
}

extension AllocationExplanation: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case session
    case process = "pid"
    case allocation
    case offsetBytes = "offset_bytes"
    case sizeBytes = "size_bytes"
    case priority
    case untouchedBytes = "untouched_bytes"
    case deviceBytes = "device_bytes"
    case hostBytes = "host_bytes"
    case storedBytes = "stored_bytes"
    case movingBytes = "moving_bytes"
    case pinnedBytes = "pinned_bytes"
    case reasons
    case history
    case rememberedSinceMicroseconds = "remembered_since_us"
  }
}

extension KeyedEncodingContainer<AllocationExplanation.CodingKeys> {
  /// What is absent is null, so that every entry has the same keys.
  mutating func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
  }
}

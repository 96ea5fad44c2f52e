// What `Evict` is asked to do: move data from the device to the host stores. The narrower of the
// given fields wins; with none of them, everything that may move is evicted.
import CoherentWire

package struct EvictionOrder: Equatable, Sendable {
  /// Only this session's data.
  package var session: SessionID?
  /// Only this allocation. Without `session` it is the only one of this name that there is: none
  /// and several are refused.
  package var allocation: HandleID?
  /// Stop once this much has been evicted, at least 1; nil: as much as there is.
  package var bytes: UInt64?
  /// More is refused, so that rounding up to frames cannot overflow.
  package static let maximumBytes = UInt64(Int64.max)
  package var timeoutMilliseconds: UInt32 = OrderTimeout.defaultMilliseconds

  package init() {}
}

extension EvictionOrder: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case session
    case allocation
    case bytes
    case timeoutMilliseconds = "timeout_ms"
  }

  package init(from decoder: any Decoder) throws {
    let parameters = try decoder.parameters(CodingKeys.self)
    session = try parameters.optional(.session)
    allocation = try parameters.optional(.allocation)
    bytes = try parameters.optional(.bytes)
    guard 1...Self.maximumBytes ~= bytes ?? 1 else {
      throw DecodingError.dataCorruptedError(
        forKey: .bytes, in: parameters, debugDescription: "1 to \(Self.maximumBytes) bytes")
    }
    timeoutMilliseconds = try OrderTimeout.decode(parameters, .timeoutMilliseconds)
  }
}

/// What `Evict` did. Frames under a pin stay where they are and are counted.
package struct EvictionReport: Equatable, Sendable, Codable {
  package var evictedFrames: UInt64 = 0
  package var evictedBytes: UInt64 = 0
  package var skippedPinnedFrames: UInt64 = 0
  /// Who pins them, the most first; no more than a few.
  package var holders: [PinHolderReport] = []

  package init() {}

  enum CodingKeys: String, CodingKey, CaseIterable {
    case evictedFrames = "evicted_frames"
    case evictedBytes = "evicted_bytes"
    case skippedPinnedFrames = "skipped_pinned_frames"
    case holders
  }
}

// The region as runs of device frames that are alike, in the order of their numbers. These
// properties are the fields of `MapRun` in the interface and of what `GetMap` answers.
import CoherentWire

/// Which part of the map is asked for.
package struct MapQuery: Equatable, Sendable {
  /// Where to begin; a cursor that the last part gave.
  package var cursor: ReportCursor
  /// At most so many runs.
  package var limit: Int

  package init(from cursor: ReportCursor, limit: Int) {
    self.cursor = cursor
    self.limit = limit
  }
}

/// One part of the map. Parts are taken one after the other: a frame that changes meanwhile may be
/// in neither of its states, and is in none twice.
package struct MapReport: Equatable, Sendable {
  package var frameBytes: UInt64 = 0
  /// Frames of one block.
  package var blockFrames: UInt64 = 0
  package var runs: [MapRunReport] = []
  /// Where the next part begins; nil after the last.
  package var next: ReportCursor?

  package init() {}
}

package struct MapRunReport: Equatable, Sendable {
  package var firstFrame: UInt64
  package var frames: UInt64
  package var block: Int
  package var state: FrameState
  /// Whose data is there, if anybody's.
  package var session: SessionID?
  package var process: Int32?
  package var isPinned = false

  package init(firstFrame: UInt64, frames: UInt64, block: Int, state: FrameState) {
    self.firstFrame = firstFrame
    self.frames = frames
    self.block = block
    self.state = state
  }
}

/// What a device frame is used for, as a word. An open set.
package struct FrameState: RawRepresentable, Hashable, Codable, Sendable {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }

  package static let free = FrameState(rawValue: "free")
  package static let reserved = FrameState(rawValue: "reserved")
  package static let device = FrameState(rawValue: "device")
  package static let evicting = FrameState(rawValue: "evicting")
  package static let restoring = FrameState(rawValue: "restoring")
  package static let releasing = FrameState(rawValue: "releasing")
  /// Free, in a block that is going offline.
  package static let isolated = FrameState(rawValue: "isolated")
  package static let offline = FrameState(rawValue: "offline")
}

extension MapRunReport: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case firstFrame = "first_frame"
    case frames
    case block
    case state
    case session
    case process = "pid"
    case isPinned = "pinned"
  }
}

extension KeyedEncodingContainer<MapRunReport.CodingKeys> {
  /// What is absent is null, so that every run has the same keys.
  mutating func encodeIfPresent(_ value: SessionID?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
  }

  mutating func encodeIfPresent(_ value: Int32?, forKey key: Key) throws {
    if let value { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
  }
}

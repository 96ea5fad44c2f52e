// One thing that the device did to somebody: what, to whom, how much, why, and by whose wish. It
// stands for all of its like that followed within a second, so a copy of a gigabyte is one entry.

import CoherentWire

package struct HistoryEntry: Equatable, Sendable {
  package enum Kind: UInt8, CaseIterable, Sendable {
    case evicted
    case restored
    /// Pins ended although their holder had not given them back.
    case revoked
    case refused
    /// A memory block is in another state.
    case block
    case pressure
    case session
    case dataLost
  }

  /// Counts up from 1, without gaps.
  package internal(set) var number: UInt64 = 0
  /// When the first of it was done.
  package var time: Instant
  package var kind: Kind
  package var origin: Origin
  /// Whose memory or request it was; 0 is nobody's.
  package var session = SessionID(rawValue: 0)
  package var process: UInt32 = 0
  package var allocation: HandleID?
  package var bytes: UInt64 = 0
  /// Of frames that moved: how much their allocation has. What moved more than once is counted each
  /// time, so `bytes` can be more.
  package var allocationBytes: UInt64 = 0
  /// How many it stands for: runs of frames, pins, requests.
  package var count: UInt32 = 1
  /// Of a block: which, and its state from then on.
  package var block: Int?
  package var state: BlockState?
  /// The eviction order's clock when its first and its last frame went: tells which of the frames
  /// that were evicted are meant.
  var firstStamp: UInt32 = 0
  var lastStamp: UInt32 = 0

  package init(_ kind: Kind, _ origin: Origin, at time: Instant) {
    self.kind = kind
    self.origin = origin
    self.time = time
  }

  static let mergingMilliseconds: UInt32 = 1000

  /// What a client asks for may be any number; what is counted of it stays one that can be said.
  static let mostBytes = UInt64(Int64.max)

  /// What an entry is about. Only the newest about it can become more.
  struct Subject: Hashable {
    var kind: Kind
    /// Of a state that comes and goes there is none: the newest says how it is.
    var origin: Origin?
    var session: SessionID
    var allocation: HandleID?
    var block: Int?
  }

  var subject: Subject {
    Subject(
      kind: kind, origin: kind == .block || kind == .pressure ? nil : origin, session: session,
      allocation: allocation, block: block)
  }

  /// Whether `other`, which came later, is more of the same.
  func continues(in other: HistoryEntry) -> Bool {
    subject == other.subject && origin == other.origin && state == other.state
      && other.time <= time.adding(milliseconds: Self.mergingMilliseconds)
  }

  mutating func merge(_ other: HistoryEntry) {
    switch kind {
    case .evicted, .restored, .revoked, .refused, .dataLost:
      bytes = min(bytes, Self.mostBytes - other.bytes) + other.bytes
    case .pressure, .block, .session: bytes = other.bytes  // a measure at that moment
    }
    count = count > .max - other.count ? .max : count + other.count
    lastStamp = other.lastStamp
  }
}

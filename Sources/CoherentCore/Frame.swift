// One frame of an arena: where its bytes are and what stands for them. Sixteen bytes, because
// there is one for every frame that any client ever asked for.
//
//   place      | device frame | host store's copy
//   untouched  | reserved     | none: reads as zero
//   device     | holds it     | none, current (mapped write-protected) or stale (to be dropped)
//   host       | none         | none, or stale (to be dropped): one room in the host for each
//   stored     | none         | current, or none: then it reads as zero
//   evicting   | if it came from the device; the copy is being made
//   restoring  | if it goes to the device; the source is the host store, or zero

import CoherentWire

package struct Frame: Sendable {
  package struct Flags: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// The host store holds memory for this frame.
    package static let hasCopy = Flags(rawValue: 1)
    /// The copy equals what is in the arena: the frame is mapped write-protected everywhere.
    package static let copyIsCurrent = Flags(rawValue: 2)
    /// It stands in the arena's list of stale copies.
    package static let isListedStale = Flags(rawValue: 4)
    /// Some waiting request wants to hear when it comes to rest.
    package static let isAwaited = Flags(rawValue: 8)
    /// Its owner moved it to host memory: that is where it is restored to.
    package static let isKeptInHost = Flags(rawValue: 16)
    /// One of its pins stands for the control word of its allocation, which is lent out.
    package static let isLent = Flags(rawValue: 32)
    /// A long-term pin covers it or waits for it: until its last pin ends it goes to the host only.
    package static let isPinnedInHost = Flags(rawValue: 64)
    /// A thread waits for it: one of its session's waits for the device.
    package static let isFaulted = Flags(rawValue: 128)
  }

  static let none = UInt32.max

  package internal(set) var place: Place = .untouched
  package internal(set) var flags: Flags = []
  /// Pins that cover it; never evicted while not 0.
  package internal(set) var pins: UInt16 = 0
  var deviceFrame: UInt32 = Frame.none
  /// Slot of the allocation, or none: then nothing lies here and an access is an error.
  var allocation: UInt32 = Frame.none
  /// The eviction clock when it was evicted last.
  var evictedStamp: UInt32 = 0

  /// Whether any pin but the lending of its word covers it.
  package var isPinned: Bool { pins > (flags.contains(.isLent) ? 1 : 0) }
  /// Whether an access to it brings it to host memory, even if the device has room.
  var staysInHost: Bool { !flags.isDisjoint(with: [.isKeptInHost, .isPinnedInHost]) }
  var isPinnedOnDevice: Bool { isPinned && deviceFrame != Frame.none }
  package var isResident: Bool { place == .device || place == .host }
  package var isPassing: Bool { place == .evicting || place == .restoring }
  package var isAllocated: Bool { allocation != Frame.none }
}

// One allocation explained: where each part of it is, why it is there, and what was done to it
// lately. Taken under the lock and made into text outside it.

import CoherentWire

package struct Explanation: Sendable {
  package enum Reason: UInt8, Sendable {
    /// A device frame is kept for it; nobody has touched it yet.
    case reserved
    /// It was touched, and not evicted since, as far as is known.
    case placed
    /// It was evicted, and came back.
    case restored
    case evicted
    /// There is nothing to store: it was evicted before it was ever written, or its owner dropped
    /// its contents. It reads as zero.
    case empty
    /// It was moved to host memory: it stays there until it is moved back.
    case keptInHost
    case pinnedInHost
    /// It was wanted when the device had no room.
    case deviceWasFull
  }

  /// Frames that are in one place for one reason.
  package struct Part: Equatable, Sendable {
    /// Untouched, device, host or stored; what passes counts where it comes from.
    package var place: Place
    package var reason: Reason
    package var frames: Int
    /// How they came there, if that is remembered.
    package var entry: HistoryEntry?

    package init(place: Place, reason: Reason, frames: Int, entry: HistoryEntry? = nil) {
      self.place = place
      self.reason = reason
      self.frames = frames
      self.entry = entry
    }
  }

  package var allocation: AllocationStatus
  /// So many of its frames are explained, the lowest first.
  package var explainedFrames = 0
  /// Of its frames, those on their way.
  package var movingFrames = 0
  package var parts: [Part] = []
  /// What was done to it, the oldest first.
  package var history: [HistoryEntry] = []
  /// Since when everything is remembered; nil: since it was made.
  package var rememberedSince: Instant?
}

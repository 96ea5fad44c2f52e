// What a client can ask for. One request is one packet; every request gets exactly one reply.
// The layout of each stands in PROTOCOL.md and is written by Request+Coding.swift.

/// A range of bytes inside one allocation. `lengthBytes` 0 is never valid.
package struct HandleRange: Equatable, Sendable {
  package var handle: HandleID
  package var offsetBytes: UInt64
  package var lengthBytes: UInt64
  package init(handle: HandleID, offsetBytes: UInt64, lengthBytes: UInt64) {
    self.handle = handle
    self.offsetBytes = offsetBytes
    self.lengthBytes = lengthBytes
  }
}

package enum MigrationTarget: UInt8, CaseIterable, Sendable {
  case device = 1
  case host = 2
}

package enum Advice: UInt8, CaseIterable, Sendable {
  /// Bring it to the device if there is room without pressure.
  case willNeed = 1
  /// Evict this first.
  case cold = 2
  /// The contents are no longer needed; it reads as zero from now on.
  case discard = 3
}

package enum Request: Equatable, Sendable {
  /// First packet of a connection: the versions that the client speaks, lowest and highest.
  case hello(lowestVersion: UInt16, highestVersion: UInt16)
  /// Where the client mapped the arena; carries its userfaultfd (exactly one descriptor).
  case attach(baseAddress: UInt64, lengthBytes: UInt64)
  /// `alignmentBytes` 0 means one frame. Priority 0 (evicted first) to 255; 128 is usual.
  case allocate(
    sizeBytes: UInt64, alignmentBytes: UInt64, timeoutMilliseconds: UInt32, priority: UInt8)
  case free(HandleID)
  /// `leaseMilliseconds` 0 means the daemon's default.
  /// A long-term pin moves the range to host memory and has no lease (0).
  case pin(
    HandleRange, leaseMilliseconds: UInt32, timeoutMilliseconds: UInt32, isLongTerm: Bool = false)
  case unpin(PinID)
  case migrate(HandleRange, to: MigrationTarget, timeoutMilliseconds: UInt32)
  case advise(HandleRange, Advice)
  /// Never changes any place.
  case query(HandleRange)
  case statistics
  /// The last pin in the control word of this allocation is gone, and an eviction waits for it.
  case release(HandleID)
}

// What the daemon counts, as a client may see it.

import CoherentWire

/// The device as a whole, and this client's own use of it. Sizes in bytes.
public struct Statistics: Equatable, Sendable {
  /// Device memory that is online.
  public let capacityBytes: Int
  /// Of it, what nobody uses or has reserved.
  public let freeBytes: Int
  /// The unit of placement.
  public let frameBytes: Int
  /// This client's allocations, a count.
  public let allocations: Int
  /// Device memory reserved for this client's allocations and not touched yet.
  public let reservedBytes: Int
  /// This client's memory that is on the device.
  public let deviceBytes: Int
  /// This client's memory that is mapped from host memory.
  public let hostBytes: Int
  /// This client's memory that was evicted and not accessed since.
  public let storedBytes: Int
  /// This client's memory that is pinned now.
  public let pinnedBytes: Int
  /// Page faults of this client that were served, a count.
  public let faults: Int
  /// Frames of this client that were evicted, a count.
  public let evictedFrames: Int
  /// Frames of this client that were restored, a count.
  public let restoredFrames: Int

  init(_ answer: StatisticsAnswer) {
    capacityBytes = Int(clamping: answer.capacityBytes)
    freeBytes = Int(clamping: answer.freeBytes)
    frameBytes = Int(clamping: answer.frameBytes)
    allocations = Int(clamping: answer.allocations)
    reservedBytes = Int(clamping: answer.reservedBytes)
    deviceBytes = Int(clamping: answer.deviceBytes)
    hostBytes = Int(clamping: answer.hostBytes)
    storedBytes = Int(clamping: answer.storedBytes)
    pinnedBytes = Int(clamping: answer.pinnedBytes)
    faults = Int(clamping: answer.faults)
    evictedFrames = Int(clamping: answer.evictedFrames)
    restoredFrames = Int(clamping: answer.restoredFrames)
  }
}

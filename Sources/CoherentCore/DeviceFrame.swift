// One frame of the device: who has it, what is being done with it, and whether its memory lies in
// the region's memory file or was carved out of it.

package struct DeviceFrame: Sendable {
  /// What a device frame is doing. Each frame of a block that is online or going offline is in
  /// exactly one of these but the last:
  /// `free + reserved + device + evicting + restoring + releasing + isolated == online`.
  package enum State: UInt8, CaseIterable, Sendable {
    case free
    /// Kept for a frame that nobody touched yet.
    case reserved
    case device
    case evicting
    case restoring
    /// Its allocation is gone, its memory not yet given back.
    case releasing
    /// Free, in a block that is going offline: it is not given out any more.
    case isolated
    /// In a block that is not online.
    case offline
  }

  static let none = UInt32.max

  var state: State = .offline
  /// The region's file holds this frame's memory. Wanted while it is free or reserved; all the same
  /// while it is isolated, since its block may stay.
  var isFilled = false
  /// It stands in a queue of carving work, or that work is under way.
  var isQueuedForCarving = false
  /// Passed over once more before it is evicted: it came back soon after its last eviction.
  var isProtected = false
  var band: UInt8 = 0
  var isInOrder = false
  /// Slot of the owner's session and frame of its arena; meaningless while free.
  var session: UInt32 = 0
  var arenaFrame: UInt32 = 0
  /// Neighbours in the eviction order.
  var colder: UInt32 = DeviceFrame.none
  var hotter: UInt32 = DeviceFrame.none
  /// When it entered the order, in insertions.
  var stamp: UInt32 = 0

  /// By how many frames more there are than there should be, as far as this one goes. What an
  /// emptied block still holds is given back by the housekeeper, at its own pace, and counts not.
  var overshoot: Int {
    switch state {
    case .free, .reserved, .isolated: isFilled ? 0 : -1
    case .device, .evicting, .restoring, .releasing: isFilled ? 1 : 0
    case .offline: 0
    }
  }

  /// Whether its memory is not as it is wanted.
  var needsCarving: Bool {
    switch state {
    case .free, .reserved: !isFilled
    case .isolated: false
    case .device, .evicting, .restoring, .releasing, .offline: isFilled
    }
  }
}

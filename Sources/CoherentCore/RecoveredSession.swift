// A session as its table tells of it after the daemon died: read from memory that the client may
// have spoilt, so nothing in it is believed before `Core.recovered` has checked it.

import CoherentWire

package struct RecoveredSession: Sendable {
  package var id: SessionID
  package var process: UInt32
  /// Who it is charged to: the kernel says so of its connection, no memory that a client may spoil.
  package var user: UserID
  /// One for each slot from 0 on, as far as any was ever used; nil for one that never was.
  package var allocations: [AllocationRecord?] = []
  package var pins: [PinRecord?] = []
  /// How many allocations can be noted of it: it may not have more.
  package var allocationSlots = Int.max
  /// From frame 0 on, at least as far as any allocation reaches.
  package var frames: [FrameRecord] = []
  /// Allocations whose control word allows fast pins, and those that wait for the last of them.
  package var openWords: [Int] = []
  package var closingWords: [Int] = []

  package init(id: SessionID, process: UInt32, user: UserID = .root) {
    self.id = id
    self.process = process
    self.user = user
  }
}

/// Why a session cannot be gone on with. Its data is where it was.
package struct RecoveryFault: Error, Equatable, Sendable, CustomStringConvertible {
  package let session: SessionID
  package let description: String
}

extension RecoveredSession {
  /// The frames that a live allocation covers, as they are noted; all others are nowhere. What is
  /// not resident in it has no valid byte in the arena, what is not stored none in the host store.
  package func frameMap() -> [FrameRecord] {
    var map = [FrameRecord](repeating: .zero, count: frames.count)
    for case .some(let allocation) in allocations where allocation.state == .live {
      for index in allocation.range where index < frames.count { map[index] = frames[index].place }
    }
    return map
  }

  func fault(_ description: String) -> RecoveryFault {
    RecoveryFault(session: id, description: description)
  }

  /// Throws unless the records agree with each other and with the limits of an arena.
  func check(_ configuration: CoreConfiguration) throws(RecoveryFault) {
    try checkAllocations(configuration)
    for (slot, pin) in pins.enumerated() {
      guard let pin else { continue }
      guard pin.identifier & 0xffff_ffff == UInt64(slot) else {
        throw fault("pin record \(slot) is another slot's")
      }
      if pin.state == .live { try check(pin, slot) }
    }
  }

  private func checkAllocations(_ configuration: CoreConfiguration) throws(RecoveryFault) {
    guard frames.count <= configuration.arenaFrames else {
      throw fault("it has \(frames.count) frames, an arena \(configuration.arenaFrames)")
    }
    var end = 0
    for allocation in liveAllocations {
      guard allocation.count > 0, allocation.range.upperBound <= frames.count else {
        throw fault("allocation \(allocation.identifier) lies outside the arena")
      }
      guard allocation.range.lowerBound >= end else {
        throw fault("allocation \(allocation.identifier) overlaps another one")
      }
      end = allocation.range.upperBound
      guard allocation.range.allSatisfy({ frames[$0].isValid }) else {
        throw fault("a frame of allocation \(allocation.identifier) is in no place there is")
      }
    }
    for (slot, allocation) in allocations.enumerated() {
      guard let allocation else { continue }
      guard allocation.identifier & 0xffff_ffff == UInt64(slot), allocation.state != .expired
      else { throw fault("allocation record \(slot) is another slot's") }
    }
  }

  private func check(_ pin: PinRecord, _ slot: Int) throws(RecoveryFault) {
    let owner = Int(pin.allocation & 0xffff_ffff)
    guard owner < allocations.count, let allocation = allocations[owner],
      allocation.state == .live, allocation.identifier == pin.allocation, pin.count > 0,
      allocation.range.lowerBound <= pin.range.lowerBound,
      pin.range.upperBound <= allocation.range.upperBound
    else { throw fault("pin \(pin.identifier) lies outside its allocation") }
    for index in pin.range {
      let place = frames[index].place
      guard place == .host || !pin.isLongTerm else {
        throw fault("long-term pin \(pin.identifier) holds a frame that is not in host memory")
      }
    }
  }

  /// A short pin of a frame that is not resident was given up: its owner asked for a long-term pin,
  /// which moves what it covers.
  func isGivenUp(_ pin: PinRecord) -> Bool {
    pin.state == .live
      && pin.range.contains { frames[$0].place != .device && frames[$0].place != .host }
  }

  /// By address.
  var liveAllocations: [AllocationRecord] {
    allocations.compactMap { $0 }.filter { $0.state == .live }.sorted { $0.first < $1.first }
  }
}

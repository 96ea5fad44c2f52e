// What the administrator sees: numbers as they are at one moment, taken under the lock and made
// into text outside it.

import CoherentWire

package struct CoreStatus: Sendable {
  package var onlineFrames = 0
  /// How many blocks are in each state, but for those that are absent.
  package var blocks = [BlockState: Int]()
  package var device = [DeviceFrame.State: Int]()
  /// The watermarks that are in effect.
  package var minimumFrames = 0
  package var lowFrames = 0
  package var highFrames = 0
  package var places = PlaceCounts()
  package var pinnedFrames = 0
  package var hostReservedFrames = 0
  package var copiedFrames = 0
  package var filledFrames = 0
  package var sessions = 0
  package var allocations = 0
  package var pins = 0
  package var waiters = 0
  package var users = 0
  package var isUnderPressure = false
  /// Device frames that sessions which are over still hold, because their clients hold them up.
  package var withheldFrames = 0
  package var counters = Counters()

  package func frames(_ states: DeviceFrame.State...) -> Int {
    states.reduce(0) { $0 + (device[$1] ?? 0) }
  }
}

package struct SessionStatus: Sendable {
  package var id = SessionID(rawValue: 0)
  package var process: UInt32 = 0
  package var isAttached = false
  package var isEnding = false
  package var allocations = 0
  package var places = PlaceCounts()
  package var pinnedFrames = 0
  package var copiedFrames = 0
  /// Device frames that it still holds although it is over, because its client holds them up.
  package var withheldFrames = 0
  package var counters = SessionCounters()
  /// For how long it waited for the device, until the core saw an event last.
  package var stalledNanoseconds: UInt64 = 0
}

package struct AllocationStatus: Sendable {
  package var handle = HandleID(rawValue: 0)
  package var session = SessionID(rawValue: 0)
  package var process: UInt32 = 0
  package var firstFrame = 0
  package var frames = 0
  package var priority: UInt8 = 0
  package var places = PlaceCounts()
  package var pinnedFrames = 0
}

extension Core {
  /// O(sessions + blocks).
  package func status() -> CoreStatus {
    var status = CoreStatus()
    status.onlineFrames = region.online
    for block in region.blocks where block.state != .absent {
      status.blocks[block.state, default: 0] += 1
    }
    for state in DeviceFrame.State.allCases { status.device[state] = region.counts[state] }
    status.minimumFrames = configuration.minimumFrames
    status.lowFrames = configuration.lowFrames
    status.highFrames = configuration.highFrames
    status.hostReservedFrames = hostReservedFrames
    status.filledFrames = region.filledFrames
    status.sessions = sessions.count
    status.allocations = allocationCount
    status.waiters = waiters.count
    status.users = users.count
    status.isUnderPressure = isUnderPressure
    status.withheldFrames = withheldFrames
    status.counters = counters
    for slot in 0..<sessions.endSlot where sessions.holds(slot: slot) {
      let session = sessions[slot]
      status.pins += session.pins.count
      status.pinnedFrames += session.isEnding ? 0 : session.arena.pinnedFrames
      status.copiedFrames += session.arena.copiedFrames
      for place in Place.allCases { status.places[place] += session.arena.places[place] }
    }
    return status
  }

  /// At most `limit` sessions from a slot on, and the slot to go on with, nil at the end.
  package func sessions(fromSlot first: Int, limit: Int) -> (list: [SessionStatus], next: Int?) {
    var list: [SessionStatus] = []
    var slot = first
    while slot < sessions.endSlot, list.count < limit {
      defer { slot += 1 }
      guard sessions.holds(slot: slot) else { continue }
      list.append(status(ofSlot: slot))
    }
    return (list, slot < sessions.endSlot ? slot : nil)
  }

  package func session(_ id: SessionID) -> SessionStatus? {
    sessions.slot(of: id).map { status(ofSlot: $0) }
  }

  /// Whether an order can be about a session: it is there, and not about to end.
  package func isServed(_ id: SessionID) -> Bool {
    sessions.slot(of: id).map { !sessions[$0].isEnding } ?? false
  }

  private func status(ofSlot slot: Int) -> SessionStatus {
    let session = sessions[slot]
    var status = SessionStatus()
    status.id = session.id
    status.process = session.process
    status.isAttached = session.isAttached
    status.isEnding = session.isEnding
    status.allocations = session.arena.allocations.count
    status.places = session.arena.places
    status.pinnedFrames = session.isEnding ? 0 : session.arena.pinnedFrames
    status.copiedFrames = session.arena.copiedFrames
    status.withheldFrames = withheldFrames(slot)
    status.counters = session.counters
    status.stalledNanoseconds = stalls.totalNanoseconds(slot, eventTime)
    return status
  }

  /// At most `limit` allocations of a session from a slot of its table on, and the slot to go on
  /// with. Looks at no more than 65,536 frames, so that no call holds the lock for long.
  package func allocations(
    of id: SessionID, fromSlot first: Int, limit: Int
  ) -> (list: [AllocationStatus], next: Int?) {
    guard let sessionSlot = sessions.slot(of: id) else { return ([], nil) }
    let session = sessions[sessionSlot]
    let table = session.arena.allocations
    var list: [AllocationStatus] = []
    var slot = first
    var frames = 0
    while slot < table.endSlot, list.count < limit, frames < 65_536 {
      defer { slot += 1 }
      guard table.holds(slot: slot), !table[slot: slot].isDying else { continue }
      var status = AllocationStatus()
      let allocation = table[slot: slot]
      status.handle = HandleID(rawValue: table.identifier(slot: slot))
      status.session = id
      status.process = session.process
      status.firstFrame = allocation.range.lowerBound
      status.frames = allocation.range.count
      status.priority = allocation.priority
      for index in allocation.range {
        let frame = session.arena.frames[index]
        status.places[frame.place] += 1
        if frame.isPinned || allocation.wordIsPinned { status.pinnedFrames += 1 }
      }
      frames += status.frames
      list.append(status)
    }
    return (list, slot < table.endSlot ? slot : nil)
  }
}

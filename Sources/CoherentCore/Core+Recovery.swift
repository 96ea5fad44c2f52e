// The same core again, from what was noted of the one that died: every allocation, handle and pin,
// and every frame where its valid copy is. Which device frame a frame has, and in which order they
// are evicted, nobody can tell from outside; so those are given out anew.

import CoherentWire

extension Core {
  /// `nextSession` is above the number of every session that there was. `hostFrames` is the most
  /// that was promised room in the host: a limit that is lower by now takes nothing away.
  /// `blocks` are those of the region, the lowest first; nil if they are as at a start. `filled`
  /// tells of each device frame whether the region's file holds it. Throws the first
  /// session that cannot be gone on with; without it the others may be recovered.
  /// O(frames + records).
  package static func recovered(
    _ configuration: CoreConfiguration, _ recovered: [RecoveredSession],
    blocks: [BlockRecord]? = nil, filled: [Bool], nextSession: UInt32, hostFrames: Int,
    _ now: Instant
  ) throws(RecoveryFault) -> Core {
    var core = Core(configuration)
    core.see(now)
    core.history = History(began: now)
    core.sessions.countOn(from: nextSession)
    core.hostCeilingFrames = max(configuration.hostLimitFrames, hostFrames)
    core.region = Region(
      recovered: blocks ?? core.region.records, filled: filled, of: core.region.blockFrames,
      atMost: core.region.maximumBlocks)
    core.configuration.scale(core.watermarks, usable: core.region.usable)
    for session in recovered {
      try session.check(configuration)
      let session = core.withoutPinsGivenUp(session)
      core.sessions.restore(try core.session(session))
    }
    // What lies on the device needs a frame of its own kind; what was never touched takes any
    // other.
    for place in [Place.device, .untouched] {
      for (slot, session) in recovered.enumerated() {
        try core.placeFrames(slot, session, place)
      }
    }
    for (slot, session) in recovered.enumerated() {
      core.restorePins(slot, now)
      core.restoreWords(slot, session, now)
    }
    core.goOnLeaving(now)
    return core
  }

  private mutating func withoutPinsGivenUp(_ recovered: RecoveredSession) -> RecoveredSession {
    var session = recovered
    for (slot, pin) in recovered.pins.enumerated() {
      guard var pin, recovered.isGivenUp(pin) else { continue }
      pin.state = .expired
      session.pins[slot] = pin
      if configuration.keepsLedger { ledgerOperations.append(.pin(session.id, slot: slot, pin)) }
    }
    return session
  }

  private mutating func session(
    _ recovered: RecoveredSession
  ) throws(RecoveryFault) -> Session {
    let live = recovered.liveAllocations
    var extents: [UInt32] = []
    let space = AddressSpace(
      frames: configuration.arenaFrames, taken: live.map(\.range), extents: &extents)
    let extentOf = Dictionary(uniqueKeysWithValues: zip(live.map(\.first), extents))
    let allocations = SlotTable(
      limit: min(configuration.maximumAllocationsPerSession, recovered.allocationSlots),
      slots: recovered.allocations.map { Self.slot($0, extentOf) })
    var frames = [Frame](
      repeating: Frame(), count: live.last.map { $0.range.upperBound } ?? 0)
    for allocation in live {
      for index in allocation.range {
        frames[index] = Frame(
          recovered.frames[index], allocation: UInt32(allocation.identifier & 0xffff_ffff))
      }
    }
    let reserved = live.reduce(0) { $0 + Int($1.count) }
    guard !configuration.oversubscribe || hostReservedFrames + reserved <= hostCeilingFrames else {
      throw recovered.fault("it holds more than was ever promised room in the host")
    }
    users.charge(1, .sessions, to: recovered.user)
    users.charge(live.count, .allocations, to: recovered.user)
    if configuration.oversubscribe { users.charge(reserved, .hostFrames, to: recovered.user) }
    let pins = SlotTable(
      limit: configuration.maximumPinsPerSession, slots: recovered.pins.map(Self.slot))
    let expired = recovered.pins.indices.filter { recovered.pins[$0]?.state == .expired }
    return Session(
      id: recovered.id, process: recovered.process, user: recovered.user,
      arena: Arena(space: space, allocations: allocations, frames: frames), pins: pins,
      expiredPinSlots: Set(expired))
  }

  /// A slot's holder, or the generation of its next one.
  private static func slot(
    _ record: AllocationRecord?, _ extentOf: [UInt32: UInt32]
  ) -> (generation: UInt32, element: Allocation?) {
    guard let record else { return (0, nil) }
    let generation = UInt32(record.identifier >> 32)
    guard record.state == .live, let extent = extentOf[record.first] else {
      return (generation &+ 1, nil)
    }
    return (
      generation,
      Allocation(
        extent: extent, first: record.first, count: record.count, priority: record.priority,
        createdBy: record.createdBy)
    )
  }

  private static func slot(_ record: PinRecord?) -> (generation: UInt32, element: Pin?) {
    guard let record else { return (0, nil) }
    let generation = UInt32(record.identifier >> 32)
    guard record.state == .live else { return (generation &+ 1, nil) }
    return (
      generation,
      Pin(
        allocation: record.allocation, first: Int(record.first), count: Int(record.count),
        grantedAt: record.grantedAt, deadline: record.deadline, isLongTerm: record.isLongTerm,
        createdBy: record.createdBy, followsExpired: record.followsExpired)
    )
  }

  /// Gives each frame that is at that place, and has device memory, a device frame.
  private mutating func placeFrames(
    _ slot: Int, _ recovered: RecoveredSession, _ place: Place
  ) throws(RecoveryFault) {
    for index in sessions[slot].arena.frames.indices {
      let frame = sessions[slot].arena.frames[index]
      guard frame.isAllocated, frame.place == place else { continue }
      let isOnDevice = place == .device
      guard
        let device = region.takeRecovered(
          session: slot, arenaFrame: index, as: isOnDevice ? .device : .reserved,
          kind: isOnDevice ? recovered.frames[index].kind : nil)
      else { throw recovered.fault("it holds more device memory than is left") }
      sessions[slot].arena.setDeviceFrame(index, device)
      let allocation = sessions[slot].arena.allocation(ofFrame: index)
      makeEvictable(slot, index, allocation.priority, isProtected: false)
    }
  }

  private mutating func restorePins(_ slot: Int, _ now: Instant) {
    let id = sessions[slot].id.rawValue
    for pinSlot in 0..<sessions[slot].pins.endSlot where sessions[slot].pins.holds(slot: pinSlot) {
      let pin = sessions[slot].pins[slot: pinSlot]
      addPins(slot, pin.range)
      if pin.isLongTerm {
        for index in pin.range { sessions[slot].arena.setFlags(index, .isPinnedInHost) }
        continue
      }
      insertDeadline(
        .pin(session: id, pin: sessions[slot].pins.identifier(slot: pinSlot)), at: pin.deadline)
    }
  }

  /// Words that were lent out stay so if all of the allocation is resident, as it must have been;
  /// what a client wrote into others is wiped.
  private mutating func restoreWords(
    _ slot: Int, _ recovered: RecoveredSession, _ now: Instant
  ) {
    for (words, isClosing) in [(recovered.openWords, false), (recovered.closingWords, true)] {
      for word in words {
        guard sessions[slot].arena.allocations.holds(slot: word) else {
          wordOperations.append(.close(sessions[slot].id, word: word))
          continue
        }
        let allocation = sessions[slot].arena.allocations[slot: word]
        let isResident = allocation.range.allSatisfy {
          sessions[slot].arena.frames[$0].isResident
        }
        guard isResident, allocation.word == .closed else {
          wordOperations.append(.close(sessions[slot].id, word: word))
          continue
        }
        restoreWord(slot, word, isClosing: isClosing, now)
      }
    }
  }
}

extension Frame {
  /// A frame at rest, as it was noted.
  fileprivate init(_ record: FrameRecord, allocation: UInt32) {
    self.init()
    self.allocation = allocation
    if record.isKeptInHost { flags.insert(.isKeptInHost) }
    switch record.place {
    case .device: place = .device  // its kind is its device frame's
    case .host: place = .host
    case .stored:
      place = .stored
      flags.formUnion([.hasCopy, .copyIsCurrent])
    case .zero: place = .stored
    default: place = .untouched
    }
  }
}

// Allocation and its end. To allocate is to reserve: a device frame and room in the host store for
// every frame, an address range, and no memory call at all. What is larger than the device cannot
// have a device frame for every frame, and reserves none: it takes one for what is touched, as long
// as there are any, and host memory, which was promised for all of it, otherwise.

import CoherentWire

extension Core {
  mutating func allocate(
    _ slot: Int, _ requester: Requester, sizeBytes: UInt64, alignmentBytes: UInt64,
    timeoutMilliseconds: UInt32, priority: UInt8, _ now: Instant, _ effects: inout [Effect]
  ) throws(Refusal) {
    try checkTimeout(timeoutMilliseconds)
    guard sizeBytes > 0 else { throw refusal(.invalidRange, .zeroLength) }
    let alignment = try alignmentFrames(alignmentBytes)
    try checkOnline(sizeBytes)
    let largest = largestFrames
    guard configuration.oversubscribe || sizeBytes <= bytes(largest) else {
      throw refusal(
        .outOfDeviceMemory, .largerThanDevice, asked: sizeBytes, available: bytes(region.free),
        limit: bytes(largest))
    }
    guard sizeBytes <= bytes(configuration.arenaFrames) else {
      throw refusal(
        .overLimit, .arenaFull, asked: sizeBytes, limit: bytes(configuration.arenaFrames))
    }
    let count = Int((sizeBytes - 1) / configuration.frameBytes) + 1
    try checkRoom(slot, frames: count)
    if frameQueue.isEmpty,
      try grantAllocation(slot, requester, count, alignment, priority, &effects)
    {
      balance(now, &effects)
      return
    }
    guard timeoutMilliseconds > 0 else { throw shortage(slot, frames: count) }
    try wait(
      Waiter(
        requester: requester, session: sessions[slot].id,
        wish: .allocate(frames: count, alignment: alignment, priority: priority),
        since: now, deadline: now.adding(milliseconds: timeoutMilliseconds)), forFrames: true)
    serveFrameQueue(now, &effects)
  }

  /// The most frames that one allocation can have on the device at once.
  var largestFrames: Int { max(attainableFrames - configuration.reserveFrames, 0) }

  /// The device frames that an allocation of so many frames reserves: as many, or none.
  func reservedFrames(ofAllocation frames: Int) -> Int {
    configuration.oversubscribe && frames > largestFrames ? 0 : frames
  }

  /// Without any block online nothing can be placed on the device.
  mutating func checkOnline(_ askedBytes: UInt64) throws(Refusal) {
    guard region.usable > 0 else {
      throw refusal(.regionGoingOffline, .noMemoryOnline, asked: askedBytes)
    }
  }

  private mutating func alignmentFrames(_ bytes: UInt64) throws(Refusal) -> Int {
    let limit = AlignmentLimit.bytes(
      arenaBytes: UInt64(configuration.arenaFrames) * configuration.frameBytes)
    guard bytes == 0 || (bytes & (bytes - 1) == 0 && bytes <= limit) else {
      throw refusal(.invalidRange, .badAlignment, asked: bytes, limit: limit)
    }
    return max(Int(bytes / configuration.frameBytes), 1)
  }

  /// The limits on allocations and host memory: as they are, or as they will be when everything
  /// that was freed is given back, which is what waiting can change. Nil if they allow it.
  private func limitReached(_ slot: Int, frames: Int, afterReleases: Bool) -> Refusal? {
    if let refusal = shareReached(slot, frames: frames, afterReleases: afterReleases) {
      return refusal
    }
    let limit = sessions[slot].arena.allocations.limit
    let dying = afterReleases ? sessions[slot].dyingAllocations : 0
    let isFull = sessions[slot].arena.allocations.count - dying >= limit
    let allDying = afterReleases ? dyingAllocations : 0
    if isFull || allocationCount - allDying >= configuration.maximumAllocations {
      let limit = UInt64(isFull ? limit : configuration.maximumAllocations)
      return Refusal(.overLimit, .tooManyAllocations, asked: limit + 1, limit: limit)
    }
    let reserved = hostReservedFrames - (afterReleases ? dyingFrames : 0)
    guard configuration.oversubscribe, reserved + frames > promisableFrames else { return nil }
    return hostIsFull(frames: frames)
  }

  private mutating func checkRoom(_ slot: Int, frames: Int) throws(Refusal) {
    if let refusal = limitReached(slot, frames: frames, afterReleases: true) {
      countRefused(refusal)
      throw refusal
    }
  }

  /// Grants an allocation if the frames are free now. Throws what waiting cannot mend.
  mutating func grantAllocation(
    _ slot: Int, _ requester: Requester, _ count: Int, _ alignment: Int, _ priority: UInt8,
    _ effects: inout [Effect]
  ) throws(Refusal) -> Bool {
    try checkRoom(slot, frames: count)
    let reserved = reservedFrames(ofAllocation: count)
    guard reserved == 0 || region.free - reserved >= configuration.reserveFrames,
      limitReached(slot, frames: count, afterReleases: false) == nil
    else { return false }
    guard
      let handle = sessions[slot].arena.allocate(
        count: count, alignment: alignment, priority: priority, reserves: reserved > 0)
    else {
      throw refusal(
        .overLimit, .arenaFull, asked: bytes(count), limit: bytes(configuration.arenaFrames))
    }
    users.charge(1, .allocations, to: sessions[slot].user)
    lastTaker = sessions[slot].id
    if configuration.oversubscribe {
      users.charge(count, .hostFrames, to: sessions[slot].user)
    }
    let range = sessions[slot].arena.allocations[slot: Int(handle & 0xffff_ffff)].range
    for index in range.prefix(reserved) {
      guard let frame = region.take(session: slot, arenaFrame: index, as: .reserved) else {
        invariant(false, "frames that were counted as free can be taken")
        return false
      }
      sessions[slot].arena.setDeviceFrame(index, frame)
      makeEvictable(slot, index, priority, isProtected: false)
    }
    let allocation = Int(handle & 0xffff_ffff)
    sessions[slot].arena.allocations[slot: allocation].createdBy = requester.requestNumber
    noteFrames(slot, range)
    noteAllocation(slot, allocation, .live)
    answer(
      requester,
      .allocated(
        HandleID(rawValue: handle), offsetBytes: bytes(range.lowerBound), sizeBytes: bytes(count),
        resetsRange: sessions[slot].wasPoisoned), &effects)
    return true
  }

  /// The refusal of an allocation that could not wait any longer, by what it lacked.
  mutating func shortage(_ slot: Int, frames: Int) -> Refusal {
    guard let refusal = limitReached(slot, frames: frames, afterReleases: false) else {
      return outOfDeviceMemory(frames: frames)
    }
    countRefused(refusal)
    return refusal
  }

  /// The refusal when frames could not be had in time: what was asked, what there was, and who
  /// pins what could have been evicted.
  mutating func outOfDeviceMemory(frames: Int) -> Refusal {
    guard region.usable > 0 else {
      return refusal(.regionGoingOffline, .noMemoryOnline, asked: bytes(frames))
    }
    var refusal = refusal(
      .outOfDeviceMemory, asked: bytes(frames), available: bytes(region.free),
      limit: bytes(attainableFrames))
    nameMostPinning(&refusal)
    let used = max(attainableFrames - region.free, 0)
    refusal.protected =
      configuration.oversubscribe
      ? bytes(min(configuration.reserveFrames, region.free)) : bytes(used)
    return refusal
  }

  // MARK: free

  /// Frees an allocation. Its pins end with it; its memory is given back in the background.
  mutating func free(
    _ slot: Int, _ handle: HandleID, _ now: Instant, _ effects: inout [Effect]
  ) throws(Refusal) {
    let allocation = try allocationSlot(slot, handle)
    closeWord(slot, allocation)
    sessions[slot].arena.allocations[slot: allocation].isDying = true
    noteAllocation(slot, allocation, .gone)
    countDying(slot, allocation, by: 1)
    endWaiters(slot, ofAllocation: handle.rawValue, now, &effects)
    endPins(slot, ofAllocation: handle.rawValue)
    for index in sessions[slot].arena.allocations[slot: allocation].range {
      makeUnevictable(slot, index)
    }
    endFaults(slot, sessions[slot].arena.allocations[slot: allocation].range)
    if sessions[slot].arena.allocations[slot: allocation].passingFrames == 0 {
      release(slot, allocation, &effects)
    }
    serveFrameQueue(now, &effects)
  }

  /// Gives back a dying allocation's memory once no frame of it is passing.
  mutating func release(_ slot: Int, _ allocation: Int, _ effects: inout [Effect]) {
    let range = sessions[slot].arena.allocations[slot: allocation].range
    var punched = range.upperBound..<range.upperBound
    for index in range {
      let frame = sessions[slot].arena.frames[index]
      if frame.place == .untouched {
        giveBack(slot, index)
      } else if frame.isResident || frame.flags.contains(.hasCopy) {
        if frame.deviceFrame != Frame.none {
          region.change(Int(frame.deviceFrame), to: .releasing)
        }
        punched = min(punched.lowerBound, index)..<index + 1
      }
    }
    var first = punched.lowerBound
    var jobs: UInt32 = 0
    while first < punched.upperBound {
      let count = min(Self.releaseFrames(configuration), punched.upperBound - first)
      effects.append(
        .job(Job(kind: .release, session: sessions[slot].id, first: first, count: count)))
      first += count
      jobs += 1
    }
    sessions[slot].arena.allocations[slot: allocation].pendingReleases = jobs
    if jobs == 0 { forget(slot, allocation) }
  }

  /// Frames of one release job: 16 MiB, so that what was freed is of use soon.
  private static func releaseFrames(_ configuration: CoreConfiguration) -> Int {
    max(Int((16 << 20) / configuration.frameBytes), 1)
  }

  mutating func forget(_ slot: Int, _ allocation: Int) {
    let identifier = sessions[slot].arena.allocations.identifier(slot: allocation)
    endFaults(slot, sessions[slot].arena.allocations[slot: allocation].range)
    if configuration.oversubscribe {
      let frames = Int(sessions[slot].arena.allocations[slot: allocation].count)
      users.giveBack(frames, .hostFrames, of: sessions[slot].user)
    }
    users.giveBack(1, .allocations, of: sessions[slot].user)
    countDying(slot, allocation, by: -1)
    sessions[slot].arena.forget(identifier)
  }

  private mutating func countDying(_ slot: Int, _ allocation: Int, by sign: Int) {
    let frames = sign * Int(sessions[slot].arena.allocations[slot: allocation].count)
    sessions[slot].dyingAllocations += sign
    sessions[slot].dyingFrames += frames
    dyingAllocations += sign
    dyingFrames += frames
  }

  // MARK: frames

  /// The device frame of an arena's frame is free again.
  mutating func giveBack(_ slot: Int, _ index: Int) {
    let frame = sessions[slot].arena.frames[index].deviceFrame
    guard frame != Frame.none else { return }
    sessions[slot].arena.setDeviceFrame(index, nil)
    region.give(Int(frame))
  }

  /// Enters a frame at rest into the eviction order, unless a pin or the policy keeps it out.
  mutating func makeEvictable(_ slot: Int, _ index: Int, _ priority: UInt8, isProtected: Bool) {
    let frame = sessions[slot].arena.frames[index]
    guard configuration.oversubscribe, frame.pins == 0, frame.deviceFrame != Frame.none else {
      return
    }
    region.makeEvictable(Int(frame.deviceFrame), priority: priority, isProtected: isProtected)
  }

  mutating func makeUnevictable(_ slot: Int, _ index: Int) {
    let frame = sessions[slot].arena.frames[index].deviceFrame
    if frame != Frame.none { region.makeUnevictable(Int(frame)) }
  }
}

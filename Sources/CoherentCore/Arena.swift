// One client's arena: its address range, its allocations and the place of every frame of it.
//
// Law: the place counts are the frames that are allocated, and every allocated frame belongs to
// exactly one allocation.

import CoherentWire

struct Arena {
  private(set) var space: AddressSpace
  var allocations: SlotTable<Allocation>
  /// From frame 0 to the highest that was ever used.
  private(set) var frames: [Frame] = []
  private(set) var places = PlaceCounts()
  /// Frames that have memory in the host store.
  private(set) var copiedFrames = 0
  /// Frames that are pinned, by requests or by the word of their allocation.
  private(set) var pinnedFrames = 0
  /// Those of them that hold a device frame.
  private(set) var pinnedDeviceFrames = 0
  /// Frames that hold a device frame.
  private(set) var heldDeviceFrames = 0
  /// Frames whose copy in the host store is out of date and is to be dropped.
  private(set) var stale: [UInt32] = []

  init(frames: Int, maximumAllocations: Int) {
    space = AddressSpace(frames: frames)
    allocations = SlotTable(limit: maximumAllocations)
  }

  /// An arena as it was: its frames at rest, without device frames yet, and its allocations, all of
  /// whose frames are in `frames`.
  init(
    space: AddressSpace, allocations: SlotTable<Allocation>, frames: [Frame]
  ) {
    self.space = space
    self.allocations = allocations
    self.frames = frames
    for frame in frames where frame.isAllocated {
      places[frame.place] += 1
      if frame.flags.contains(.hasCopy) { copiedFrames += 1 }
    }
  }

  func frame(_ index: Int) -> Frame? { index < frames.count ? frames[index] : nil }

  func allocation(ofFrame index: Int) -> Allocation {
    allocations[slot: Int(frames[index].allocation)]
  }

  // MARK: addresses

  /// Takes an address range and enters the allocation; its frames are untouched, without device
  /// frames yet, or, where it reserves none, stored without a copy: both read as zero. Nil if no
  /// free range is long enough. O(frames of the allocation).
  mutating func allocate(
    count: Int, alignment: Int, priority: UInt8, reserves: Bool = true
  ) -> UInt64? {
    guard let extent = space.take(count: count, alignment: alignment) else { return nil }
    let range = space.range(of: extent)
    let identifier = allocations.insert(
      Allocation(
        extent: extent, first: UInt32(range.lowerBound), count: UInt32(count), priority: priority))
    if frames.count < range.upperBound {
      frames.append(contentsOf: repeatElement(Frame(), count: range.upperBound - frames.count))
    }
    let slot = UInt32(identifier & 0xffff_ffff)
    var frame = Frame()
    frame.allocation = slot
    frame.place = reserves ? .untouched : .stored
    for index in range { frames[index] = frame }
    places[frame.place] += count
    return identifier
  }

  /// Forgets an allocation whose memory was given back, and frees its addresses.
  mutating func forget(_ identifier: UInt64) {
    let allocation = allocations[slot: Int(identifier & 0xffff_ffff)]
    for index in allocation.range {
      invariant(
        frames[index].deviceFrame == Frame.none, "what is forgotten holds no device memory")
      places[frames[index].place] -= 1
      clearFlags(index, .hasCopy)
      setPins(index, 0)
      frames[index] = Frame()
    }
    allocations.remove(identifier)
    space.give(allocation.extent)
  }

  // MARK: frames

  mutating func move(_ index: Int, to place: Place) {
    places[frames[index].place] -= 1
    places[place] += 1
    frames[index].place = place
  }

  mutating func setDeviceFrame(_ index: Int, _ deviceFrame: Int?) {
    let before = frames[index]
    frames[index].deviceFrame = deviceFrame.map { UInt32($0) } ?? Frame.none
    heldDeviceFrames += (deviceFrame == nil ? 0 : 1) - (before.deviceFrame == Frame.none ? 0 : 1)
    countPinned(before, frames[index])
  }

  mutating func setEvictedStamp(_ index: Int, _ stamp: UInt32) {
    frames[index].evictedStamp = stamp
  }

  mutating func setFlags(_ index: Int, _ flags: Frame.Flags) {
    let before = frames[index]
    if flags.contains(.hasCopy), !before.flags.contains(.hasCopy) { copiedFrames += 1 }
    frames[index].flags.formUnion(flags)
    countPinned(before, frames[index])
  }

  mutating func clearFlags(_ index: Int, _ flags: Frame.Flags) {
    let before = frames[index]
    if flags.contains(.hasCopy), before.flags.contains(.hasCopy) { copiedFrames -= 1 }
    frames[index].flags.subtract(flags)
    countPinned(before, frames[index])
  }

  mutating func setPins(_ index: Int, _ pins: UInt16) {
    let before = frames[index]
    frames[index].pins = pins
    countPinned(before, frames[index])
  }

  private mutating func countPinned(_ before: Frame, _ after: Frame) {
    guard
      before.isPinned != after.isPinned || before.isPinnedOnDevice != after.isPinnedOnDevice
    else { return }
    let slot = Int(after.allocation)
    let pinned = (after.isPinned ? 1 : 0) - (before.isPinned ? 1 : 0)
    allocations[slot: slot].pinnedFrames = UInt32(
      Int(allocations[slot: slot].pinnedFrames) + pinned)
    guard !allocations[slot: slot].wordIsPinned else { return }
    pinnedFrames += pinned
    pinnedDeviceFrames += (after.isPinnedOnDevice ? 1 : 0) - (before.isPinnedOnDevice ? 1 : 0)
  }

  /// Notes whether the word of an allocation counts pins, which cover all of its frames. Those do
  /// not move while it does.
  mutating func setWordIsPinned(_ slot: Int, _ isPinned: Bool) {
    let allocation = allocations[slot: slot]
    guard allocation.wordIsPinned != isPinned else { return }
    allocations[slot: slot].wordIsPinned = isPinned
    let others = Int(allocation.count) - Int(allocation.pinnedFrames)
    pinnedFrames += isPinned ? others : -others
    let onDevice = allocation.range.count { index in
      !frames[index].isPinned && frames[index].deviceFrame != Frame.none
    }
    pinnedDeviceFrames += isPinned ? onDevice : -onDevice
  }

  /// Changes how many frames of the allocation that `index` belongs to are passing.
  mutating func countPassing(_ index: Int, _ difference: Int) {
    let slot = Int(frames[index].allocation)
    let now = Int(allocations[slot: slot].passingFrames) + difference
    invariant(now >= 0, "no more frames come to rest than were passing")
    allocations[slot: slot].passingFrames = UInt32(now)
  }

  // MARK: stale copies

  /// The copy in the host store no longer counts: it is listed, to be dropped when there is time.
  mutating func makeStale(_ index: Int) {
    guard frames[index].flags.contains(.hasCopy) else { return }
    clearFlags(index, .copyIsCurrent)
    if !frames[index].flags.contains(.isListedStale) {
      setFlags(index, .isListedStale)
      stale.append(UInt32(index))
    }
  }

  /// A run of stale copies to drop, at most `limit` frames, or nil. O(limit) amortized.
  mutating func takeStale(limit: Int) -> Range<Int>? {
    while let index = stale.popLast().map(Int.init) {
      guard frames[index].flags.contains(.isListedStale) else { continue }
      clearFlags(index, .isListedStale)
      guard isStale(index) else { continue }
      var range = index..<index + 1
      while range.count < limit, range.lowerBound > 0, isStale(range.lowerBound - 1) {
        range = range.lowerBound - 1..<range.upperBound
      }
      while range.count < limit, range.upperBound < frames.count, isStale(range.upperBound) {
        range = range.lowerBound..<range.upperBound + 1
      }
      for member in range { clearFlags(member, .isListedStale) }
      return range
    }
    return nil
  }

  /// Only a resident frame's copy is superfluous; a passing frame's may be its only one.
  private func isStale(_ index: Int) -> Bool {
    let frame = frames[index]
    return frame.flags.contains(.hasCopy) && !frame.flags.contains(.copyIsCurrent)
      && frame.isResident
  }

  // MARK: invariants

  /// Recounts everything. O(frames + extents).
  func checkInvariants() {
    space.checkInvariants()
    var recount = PlaceCounts()
    var copied = 0
    var pinned = 0
    var pinnedOnDevice = 0
    invariant(
      heldDeviceFrames == frames.count { $0.deviceFrame != Frame.none },
      "the device frames are counted")
    for (index, frame) in frames.enumerated() where frame.isAllocated {
      recount[frame.place] += 1
      copied += frame.flags.contains(.hasCopy) ? 1 : 0
      let isPinned = frame.isPinned || allocation(ofFrame: index).wordIsPinned
      pinned += isPinned ? 1 : 0
      pinnedOnDevice += isPinned && frame.deviceFrame != Frame.none ? 1 : 0
      invariant(
        allocations.holds(slot: Int(frame.allocation)), "a frame's allocation exists")
      invariant(
        allocation(ofFrame: index).range.contains(index), "a frame lies in its allocation")
      if frame.flags.contains(.copyIsCurrent) {
        invariant(frame.flags.contains(.hasCopy), "a current copy exists")
      }
      if frame.place == .untouched {
        invariant(!frame.flags.contains(.hasCopy), "an untouched frame has no copy")
      }
    }
    invariant(recount == places, "the places are the frames")
    invariant(copied == copiedFrames, "the copies are counted")
    invariant(pinned == pinnedFrames, "the pinned frames are counted")
    invariant(
      pinnedOnDevice == pinnedDeviceFrames, "the pinned frames on the device are counted")
    invariant(recount.sum == space.takenFrames, "every taken address is a frame of an allocation")
  }
}

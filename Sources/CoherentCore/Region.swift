// The device: its frames, which of them are free, and the work of carving them out of the region's
// memory file and giving them back.
//
//   region file   |filled|hole  |filled|filled|      a free or reserved frame wants to be filled,
//   frame         |free  |device|resvd |free  |      one that an arena has wants to be a hole
//
// Law: free + reserved + device + evicting + restoring + releasing == online.
// The difference between what a frame's memory is and what it wants to be is carving work; it is
// done in the background, off every client's path, and never holds a frame up.

struct Region {
  private(set) var frames: [DeviceFrame]
  private(set) var counts: StateCounts
  private var order = EvictionOrder()
  /// Free frames whose memory was carved out: the first choice for whoever places a frame now,
  /// because then nothing has to be given back only to be carved out again.
  private var freeHoles: [UInt32] = []
  private var freeFilled: [UInt32]
  private var carving: [UInt32] = []
  /// Frames whose memory the region's file holds.
  private(set) var filledFrames: Int

  struct StateCounts: Equatable {
    private var values = [Int](repeating: 0, count: DeviceFrame.State.allCases.count)
    subscript(_ state: DeviceFrame.State) -> Int {
      get { values[Int(state.rawValue)] }
      set { values[Int(state.rawValue)] = newValue }
    }
    var sum: Int { values.reduce(0, +) }
  }

  init(frames count: Int) {
    frames = Array(repeating: DeviceFrame(), count: count)
    counts = StateCounts()
    filledFrames = count
    counts[.free] = count
    freeFilled = (0..<UInt32(count)).reversed()
  }

  /// A device of which the region's file holds the frames that `filled` says, all of them free.
  init(filled: [Bool]) {
    self.init(frames: filled.count)
    for index in filled.indices { frames[index].isFilled = filled[index] }
    filledFrames = filled.count { $0 }
    freeFilled = filled.indices.reversed().filter { filled[$0] }.map { UInt32($0) }
    freeHoles = filled.indices.reversed().filter { !filled[$0] }.map { UInt32($0) }
    for index in filled.indices { queueCarving(index) }
  }

  var online: Int { frames.count }
  var free: Int { counts[.free] }
  var evictable: Int { order.count }
  var evictionClock: UInt32 { order.clock }
  var hasCarvingWork: Bool { !carving.isEmpty }
  var carvingBacklog: Int { carving.count }

  subscript(_ index: Int) -> DeviceFrame { frames[index] }

  // MARK: taking and giving

  /// Takes a free frame for `session`'s `arenaFrame`, or nil if there is none. O(1).
  mutating func take(session: Int, arenaFrame: Int, as state: DeviceFrame.State) -> Int? {
    let preferred = state == .reserved ? freeFilled.popLast() : freeHoles.popLast()
    guard
      let index = preferred
        ?? (state == .reserved ? freeHoles.popLast() : freeFilled.popLast())
    else { return nil }
    frames[Int(index)].session = UInt32(session)
    frames[Int(index)].arenaFrame = UInt32(arenaFrame)
    change(Int(index), to: state)
    return Int(index)
  }

  mutating func give(_ index: Int) {
    order.remove(index, from: &frames)
    change(index, to: .free)
    if frames[index].isFilled {
      freeFilled.append(UInt32(index))
    } else {
      freeHoles.append(UInt32(index))
    }
  }

  /// Every change of a frame's state goes through here, so that the counts are the frames.
  mutating func change(_ index: Int, to state: DeviceFrame.State) {
    let old = frames[index].state
    invariant(old != state, "a frame changes into another state")
    counts[old] -= 1
    counts[state] += 1
    frames[index].state = state
    if state != .device && state != .reserved { order.remove(index, from: &frames) }
    queueCarving(index)
  }

  // MARK: the eviction order

  mutating func makeEvictable(_ index: Int, priority: UInt8, isProtected: Bool) {
    order.insert(
      index, band: EvictionOrder.band(ofPriority: priority), isProtected: isProtected, into: &frames
    )
  }

  mutating func makeUnevictable(_ index: Int) { order.remove(index, from: &frames) }

  mutating func cool(_ index: Int) { order.cool(index, in: &frames) }

  mutating func victim() -> Int? { order.victim(in: &frames) }

  func mayAccompany(_ index: Int, victim: Int) -> Bool {
    order.mayAccompany(index, victim: victim, in: frames)
  }

  // MARK: carving

  private mutating func queueCarving(_ index: Int) {
    guard frames[index].isFilled != frames[index].wantsFilled, !frames[index].isQueuedForCarving
    else { return }
    frames[index].isQueuedForCarving = true
    carving.append(UInt32(index))
  }

  /// The next runs of carving work, at most `limit` frames: all of one direction each. The caller
  /// does them outside the lock and then says `carved`. Empty only when nothing is left to do.
  /// O(limit log limit), and once over what was queued and is no longer wanted.
  mutating func takeCarvingWork(limit: Int) -> [CarvingWork] {
    while !carving.isEmpty {
      let works = takeNextCarvingWork(limit: limit)
      if !works.isEmpty { return works }
    }
    return []
  }

  private mutating func takeNextCarvingWork(limit: Int) -> [CarvingWork] {
    // Oldest first: what was queued lately is the likeliest to be wanted back as it is.
    let taken = carving.prefix(limit).sorted()
    carving.removeFirst(min(limit, carving.count))
    var works: [CarvingWork] = []
    for index in taken {
      let frame = frames[Int(index)]
      guard frame.isFilled != frame.wantsFilled else {
        frames[Int(index)].isQueuedForCarving = false
        continue
      }
      let fills = frame.wantsFilled
      if let last = works.last, last.fills == fills, last.end == Int(index) {
        works[works.count - 1].count += 1
      } else {
        works.append(CarvingWork(first: Int(index), count: 1, fills: fills))
      }
    }
    return works
  }

  /// The work was done (or failed: then it is queued again). What a frame wants may have changed
  /// meanwhile; then the opposite is queued.
  mutating func carved(_ work: CarvingWork, succeeded: Bool) {
    for index in work.first..<work.end {
      invariant(frames[index].isQueuedForCarving, "carving work is finished once")
      frames[index].isQueuedForCarving = false
      if succeeded, frames[index].isFilled != work.fills {
        frames[index].isFilled = work.fills
        filledFrames += work.fills ? 1 : -1
      }
      queueCarving(index)
    }
    if succeeded && work.fills { sortFreeFrames(filledBy: work) }
  }

  /// The two stacks are a preference, so only what matters is kept right: what was filled while it
  /// was free is no longer offered as a hole. O(free frames).
  private mutating func sortFreeFrames(filledBy work: CarvingWork) {
    var moved: [UInt32] = []
    freeHoles.removeAll { index in
      guard work.first <= Int(index), Int(index) < work.end else { return false }
      moved.append(index)
      return true
    }
    freeFilled.append(contentsOf: moved)
  }

  /// By how many frames the memory files hold more than the device has: what was placed and not
  /// carved out of the region yet, less what is free and not given back yet.
  var overshootFrames: Int { filledFrames - counts[.free] - counts[.reserved] }

  // MARK: invariants

  /// Recounts everything. O(frames).
  func checkInvariants() {
    var recount = StateCounts()
    for frame in frames {
      recount[frame.state] += 1
      if frame.isFilled != frame.wantsFilled {
        invariant(frame.isQueuedForCarving, "memory that is not as wanted is queued for carving")
      }
      if frame.isInOrder {
        invariant(
          frame.state == .device || frame.state == .reserved, "only frames at rest are evictable")
      }
    }
    invariant(recount == counts, "the counts are the frames")
    invariant(
      filledFrames == frames.count { $0.isFilled }, "the frames that the region holds are counted")
    invariant(recount.sum == online, "every online frame is in one state")
    invariant(freeHoles.count + freeFilled.count == free, "free frames stand in the stacks")
    for index in freeHoles {
      invariant(frames[Int(index)].state == .free, "a free stack holds free")
    }
    for index in freeFilled {
      invariant(frames[Int(index)].state == .free, "a free stack holds free")
    }
    order.checkInvariants(frames)
  }
}

/// A run of device frames to fill in the region's file, or to punch out of it.
package struct CarvingWork: Equatable, Sendable {
  package var first: Int
  package var count: Int
  package var fills: Bool
  package var end: Int { first + count }
}

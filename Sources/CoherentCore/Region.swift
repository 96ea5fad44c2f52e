// The device: its blocks, their frames, which of them are free, and the work of carving them out of
// the region's memory file and giving them back.
//
//   block         |      online       |   going offline   | offline |
//   region file   |filled|hole  |filled|either  |hole     |  hole   |   a free or reserved frame
//   frame         |free  |device|resvd |isolated|device   | offline |   wants to be filled
//
// Law: free + reserved + device + evicting + restoring + releasing + isolated == online, which are
// the frames of the blocks that are online or going offline.
// The difference between what a frame's memory is and what it wants to be is carving work; it is
// done in the background, off every client's path, and never holds a frame up.

struct Region {
  /// How many frames a block has, and how many blocks there may be.
  let blockFrames: Int
  let maximumBlocks: Int
  /// Of the blocks that were ever added, the lowest first.
  var frames: [DeviceFrame] = []
  var blocks: [MemoryBlock] = []
  var counts = StateCounts()
  var order = EvictionOrder()
  var freeFrames = FreeFrames()
  var carving = Queue<UInt32>()
  /// Frames whose memory the region's file holds.
  var filledFrames = 0
  var overshootFrames = Overshoot()
  /// Frames of the blocks that are online.
  var usable = 0
  /// Blocks that are going offline.
  var leavingBlocks = 0

  /// A device of `count` frames in one block, and no room for others.
  init(frames count: Int) { self.init(blocks: 1, of: count, atMost: 1) }

  /// A device whose first blocks are online, and filled.
  init(
    blocks count: Int, of blockFrames: Int, atMost maximumBlocks: Int, _ kind: MemoryKind = .unbound
  ) {
    self.blockFrames = blockFrames
    self.maximumBlocks = maximumBlocks
    for block in 0..<count {
      add(block, kind)
      bringOnline(block)
    }
  }

  var online: Int { counts.online }
  var free: Int { counts[.free] }
  var evictable: Int { order.count }
  var evictionClock: UInt32 { order.clock }

  subscript(_ index: Int) -> DeviceFrame { frames[index] }

  func block(ofFrame index: Int) -> Int { index / blockFrames }

  func kind(ofFrame index: Int) -> MemoryKind { blocks[index / blockFrames].kind }

  /// Whether a frame lies in a block that is going offline.
  func isLeaving(_ index: Int) -> Bool {
    leavingBlocks > 0 && blocks[index / blockFrames].state == .goingOffline
  }

  // MARK: taking and giving

  /// Takes a free frame for `session`'s `arenaFrame`, of one kind or of any; nil if there is none.
  /// O(kinds).
  mutating func take(
    session: Int, arenaFrame: Int, as state: DeviceFrame.State, kind: MemoryKind? = nil
  ) -> Int? {
    guard let index = freeFrames.take(kind, prefersFilled: state == .reserved) else { return nil }
    frames[Int(index)].session = UInt32(session)
    frames[Int(index)].arenaFrame = UInt32(arenaFrame)
    change(Int(index), to: state)
    return Int(index)
  }

  func hasFree(_ kind: MemoryKind) -> Bool { freeFrames.has(kind) }

  /// Nobody has the frame any more: it is free, or isolated where its block is to be emptied.
  mutating func give(_ index: Int) {
    order.remove(index, from: &frames)
    let block = blocks[index / blockFrames]
    guard block.state == .online else {
      change(index, to: .isolated)
      finishEmptying(index / blockFrames)
      return
    }
    change(index, to: .free)
    freeFrames.put(index, block.kind, isFilled: frames[index].isFilled)
  }

  /// Every change of a frame's state goes through here, so that the counts are the frames.
  mutating func change(_ index: Int, to state: DeviceFrame.State) {
    let old = frames[index].state
    invariant(old != state, "a frame changes into another state")
    counts[old] -= 1
    counts[state] += 1
    let block = index / blockFrames
    blocks[block].counts[old] -= 1
    blocks[block].counts[state] += 1
    let overshoot = frames[index].overshoot
    frames[index].state = state
    noteOvershoot(of: index, since: overshoot)
    if state != .device && state != .reserved { order.remove(index, from: &frames) }
    queueCarving(index)
  }

  /// The owner of a frame at rest gets another one instead: of the same kind, or of any. Its place
  /// in the order of eviction stays. Returns the new one; nil if none is free.
  mutating func exchange(_ index: Int, kind: MemoryKind?) -> Int? {
    let old = frames[index]
    invariant(
      old.state == .device || old.state == .reserved, "only what is at rest gets another frame")
    guard
      let new = take(
        session: Int(old.session), arenaFrame: Int(old.arenaFrame), as: old.state, kind: kind)
    else { return nil }
    order.replace(index, by: new, in: &frames)
    give(index)
    return new
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
}

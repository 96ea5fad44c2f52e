// Blocks come and go. None of this moves a byte: who has a frame of a block that is to go is the
// core's business, and the memory of a block is committed before it comes, and given back after it
// is empty, by the shell.

extension Region {
  func state(ofBlock block: Int) -> BlockState {
    blocks.indices.contains(block) ? blocks[block].state : .absent
  }

  func frames(ofBlock block: Int) -> Range<Int> {
    block * blockFrames..<(block + 1) * blockFrames
  }

  /// A block comes to be there, offline. It has no frames before it comes online first. O(blocks).
  mutating func add(_ block: Int, _ kind: MemoryKind) {
    invariant(block < maximumBlocks, "a block lies within the region")
    while blocks.count <= block { blocks.append(MemoryBlock()) }
    invariant(blocks[block].state == .absent, "a block is added once")
    blocks[block].state = .offline
    blocks[block].kind = kind
    blocks[block].lastFailure = nil
  }

  /// Makes frames for all blocks up to one. O(frames that are made).
  mutating func makeFrames(upTo block: Int) {
    let first = frames.count
    let missing = (block + 1) * blockFrames - first
    guard missing > 0 else { return }
    frames.append(contentsOf: repeatElement(DeviceFrame(), count: missing))
    counts[.offline] += missing
    for index in stride(from: first, to: frames.count, by: blockFrames) {
      blocks[index / blockFrames].counts[.offline] = blockFrames
    }
  }

  func hasFrames(_ block: Int) -> Bool { (block + 1) * blockFrames <= frames.count }

  mutating func remove(_ block: Int) {
    invariant(blocks[block].state == .offline, "only what is offline is removed")
    blocks[block].state = .absent
    blocks[block].kind = .unbound
  }

  /// A block whose memory the region's file holds, all of it, becomes part of the device.
  mutating func bringOnline(_ block: Int) {
    invariant(blocks[block].state == .offline, "only what is offline comes online")
    makeFrames(upTo: block)
    blocks[block].state = .online
    blocks[block].lastFailure = nil
    usable += blockFrames
    for index in frames(ofBlock: block).reversed() {
      setFilled(index, true)
      change(index, to: .free)
      freeFrames.put(index, blocks[block].kind, isFilled: true)
    }
  }

  /// From now on no frame of these blocks is given out. O(frames of the blocks + free frames).
  mutating func beginLeaving(_ leaving: [Int], until deadline: Instant) {
    for block in leaving {
      invariant(blocks[block].state == .online, "only what is online goes offline")
      blocks[block].state = .goingOffline
      blocks[block].deadline = deadline
      blocks[block].cursor = 0
      // What was begun for an earlier leaving may never end: its pager hangs.
      blocks[block].jobsInFlight = 0
      blocks[block].lastFailure = nil
      usable -= blockFrames
      leavingBlocks += 1
    }
    let (blocks, blockFrames) = (blocks, blockFrames)
    freeFrames.removeAll { blocks[$0 / blockFrames].state == .goingOffline }
    for block in leaving {
      for index in frames(ofBlock: block) where frames[index].state == .free {
        change(index, to: .isolated)
      }
      finishEmptying(block)
    }
  }

  /// The block is part of the device again, with all that still lies there.
  mutating func endLeaving(_ block: Int, _ failure: BlockFailure) {
    invariant(blocks[block].state == .goingOffline, "only what goes offline is kept")
    blocks[block].state = .online
    blocks[block].deadline = .never
    blocks[block].lastFailure = failure
    usable += blockFrames
    leavingBlocks -= 1
    for index in frames(ofBlock: block).reversed()
    where frames[index].state == .isolated || frames[index].state == .offline {
      change(index, to: .free)
      freeFrames.put(index, blocks[block].kind, isFilled: frames[index].isFilled)
    }
  }

  /// When nobody has any frame of a leaving block, its memory is given back.
  mutating func finishEmptying(_ block: Int) {
    guard blocks[block].state == .goingOffline, blocks[block].counts[.isolated] == blockFrames
    else { return }
    for index in frames(ofBlock: block) { change(index, to: .offline) }
  }

  /// An emptied block whose memory has been given back, all of it, is offline. True if it is now.
  mutating func finishLeaving(_ block: Int) -> Bool {
    let found = blocks[block]
    guard found.isEmptied, found.filledFrames == 0, found.queuedFrames == 0 else { return false }
    blocks[block].state = .offline
    blocks[block].deadline = .never
    leavingBlocks -= 1
    return true
  }
}

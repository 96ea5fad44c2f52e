// Everything that the region believes, recounted.

extension Region {
  /// O(frames).
  func checkInvariants() {
    var recount = StateCounts()
    var filled = 0
    invariant(frames.count <= blocks.count * blockFrames, "every frame has its block")
    for (index, block) in blocks.enumerated() {
      let found = checkBlock(index, block)
      for state in DeviceFrame.State.allCases { recount[state] += found[state] }
      filled += block.filledFrames
    }
    invariant(recount == counts, "the counts are the frames")
    invariant(filled == filledFrames, "the frames that the region holds are counted")
    var overshoot = Overshoot()
    for index in frames.indices { overshoot[kind(ofFrame: index)] += frames[index].overshoot }
    invariant(overshoot == overshootFrames, "what is held beyond the device's size is counted")
    invariant(
      online == blocks.count { $0.state.isCounted && !$0.isEmptied } * blockFrames,
      "every frame of an online block is in one state")
    invariant(
      usable == blocks.count { $0.state == .online } * blockFrames,
      "what may be given out are the frames of online blocks")
    invariant(
      leavingBlocks == blocks.count { $0.state == .goingOffline }, "the leaving blocks are counted")
    var offered = 0
    for (kind, list) in freeFrames.all {
      offered += list.count
      for index in list {
        invariant(frames[Int(index)].state == .free, "a free stack holds free frames")
        invariant(self.kind(ofFrame: Int(index)) == kind, "a free stack holds frames of its kind")
      }
    }
    invariant(offered == free, "free frames stand in the stacks")
    order.checkInvariants(frames)
  }

  /// One block's frames; returns their counts.
  private func checkBlock(_ number: Int, _ block: MemoryBlock) -> StateCounts {
    var recount = StateCounts()
    guard hasFrames(number) else {
      invariant(!block.state.isCounted && block.counts == recount, "what was never online is empty")
      return recount
    }
    var filled = 0
    var queued = 0
    for index in frames(ofBlock: number) {
      let frame = frames[index]
      recount[frame.state] += 1
      filled += frame.isFilled ? 1 : 0
      queued += frame.isQueuedForCarving ? 1 : 0
      if frame.needsCarving {
        invariant(frame.isQueuedForCarving, "memory that is not as wanted is queued for carving")
      }
      if frame.isInOrder {
        invariant(
          frame.state == .device || frame.state == .reserved, "only frames at rest are evictable")
      }
    }
    invariant(recount == block.counts, "a block counts its frames")
    invariant(
      filled == block.filledFrames && queued == block.queuedFrames, "a block counts its memory")
    switch block.state {
    case .absent, .offline:
      invariant(recount[.offline] == blockFrames, "an offline block has offline frames only")
      invariant(filled == 0 && queued == 0, "an offline block holds no memory")
    case .online:
      invariant(
        recount[.offline] == 0 && recount[.isolated] == 0, "an online block can give all its frames"
      )
    case .goingOffline:
      invariant(recount[.free] == 0, "a leaving block gives no frame out")
      invariant(
        recount[.offline] == 0 || recount[.offline] == blockFrames, "a block is emptied at once")
      invariant(recount[.isolated] < blockFrames, "a block without anything in it is emptied")
    }
    return recount
  }
}

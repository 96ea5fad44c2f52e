// The region again, from what was noted of its blocks and of the memory of their frames.

extension Region {
  /// Its blocks as they are noted.
  var records: [BlockRecord] {
    blocks.map { BlockRecord(state: $0.state, kind: $0.kind, deadline: $0.deadline) }
  }

  /// Blocks as they were, and no frame of them in anybody's hands yet. What is filled of a block that
  /// is not online is no memory of the device any more, and was punched.
  init(
    recovered records: [BlockRecord], filled: [Bool], of blockFrames: Int, atMost maximumBlocks: Int
  ) {
    self.init(blocks: 0, of: blockFrames, atMost: maximumBlocks)
    for (block, record) in records.enumerated().reversed() where record.state != .absent {
      add(block, record.kind)
    }
    for (block, record) in records.enumerated() where record.state.isCounted {
      let isOnline = record.state == .online
      makeFrames(upTo: block)
      blocks[block].state = record.state
      blocks[block].deadline = record.deadline
      usable += isOnline ? blockFrames : 0
      leavingBlocks += isOnline ? 0 : 1
      for index in frames(ofBlock: block).reversed() {
        setFilled(index, index < filled.count && filled[index])
        change(index, to: isOnline ? .free : .isolated)
        if isOnline { freeFrames.put(index, record.kind, isFilled: frames[index].isFilled) }
      }
    }
  }

  /// A frame for what has one already: of a leaving block if the others have
  /// none. O(blocks).
  mutating func takeRecovered(
    session: Int, arenaFrame: Int, as state: DeviceFrame.State, kind: MemoryKind?
  ) -> Int? {
    if let index = take(session: session, arenaFrame: arenaFrame, as: state, kind: kind) {
      return index
    }
    for block in blocks.indices where blocks[block].state == .goingOffline {
      guard kind == nil || blocks[block].kind == kind, blocks[block].counts[.isolated] > 0
      else { continue }
      // They are taken in their order, and none is given back meanwhile.
      let index = frames(ofBlock: block).lowerBound + blocks[block].cursor
      blocks[block].cursor += 1
      frames[index].session = UInt32(session)
      frames[index].arenaFrame = UInt32(arenaFrame)
      change(index, to: state)
      return index
    }
    return nil
  }
}

// The carving work: what of the region's memory file is to be filled, and what to be punched.

extension Region {
  var hasCarvingWork: Bool { !carving.isEmpty }
  var carvingBacklog: Int { carving.count }

  mutating func queueCarving(_ index: Int) {
    guard frames[index].needsCarving, !frames[index].isQueuedForCarving else { return }
    setQueued(index, true)
    carving.append(UInt32(index))
  }

  private mutating func setQueued(_ index: Int, _ isQueued: Bool) {
    frames[index].isQueuedForCarving = isQueued
    blocks[index / blockFrames].queuedFrames += isQueued ? 1 : -1
  }

  mutating func setFilled(_ index: Int, _ isFilled: Bool) {
    guard frames[index].isFilled != isFilled else { return }
    frames[index].isFilled = isFilled
    filledFrames += isFilled ? 1 : -1
    blocks[index / blockFrames].filledFrames += isFilled ? 1 : -1
  }

  /// The next runs of carving work, at most `limit` frames: all of one direction and one block
  /// each. The caller does them outside the lock and then says `carved`. Empty only when nothing is
  /// left to do. O(limit log limit), and once over what was queued and is no longer wanted.
  mutating func takeCarvingWork(limit: Int) -> [CarvingWork] {
    while !carving.isEmpty {
      let works = takeNextCarvingWork(limit: limit)
      if !works.isEmpty { return works }
    }
    return []
  }

  private mutating func takeNextCarvingWork(limit: Int) -> [CarvingWork] {
    // Oldest first: what was queued lately is the likeliest to be wanted back as it is.
    let taken = carving.popFirst(limit).sorted()
    var works: [CarvingWork] = []
    for index in taken {
      let frame = frames[Int(index)]
      guard frame.needsCarving else {
        setQueued(Int(index), false)
        continue
      }
      let fills = !frame.isFilled
      if let last = works.last, last.end == Int(index), last.fills == fills,
        !Int(index).isMultiple(of: blockFrames)
      {
        works[works.count - 1].count += 1
      } else {
        works.append(
          CarvingWork(
            first: Int(index), count: 1, fills: fills, kind: kind(ofFrame: Int(index))))
      }
    }
    return works
  }

  /// The work was done (or failed: then it is queued again). What a frame wants may have changed
  /// meanwhile; then the opposite is queued.
  mutating func carved(_ work: CarvingWork, succeeded: Bool) {
    for index in work.first..<work.end {
      invariant(frames[index].isQueuedForCarving, "carving work is finished once")
      setQueued(index, false)
      if succeeded { setFilled(index, work.fills) }
      queueCarving(index)
    }
    if succeeded && work.fills {
      freeFrames.noteFilled(work.first..<work.end, work.kind)
    }
  }

  /// By how many frames the memory files hold more of a kind than the device has: what was placed
  /// and not carved out of the region yet, less what is free and not given back yet. O(blocks).
  func overshootFrames(_ kind: MemoryKind) -> Int {
    blocks.reduce(0) { sum, block in
      // What an emptied block still holds is given back by the housekeeper, at its own pace.
      guard block.kind == kind, block.state.isCounted, !block.isEmptied else { return sum }
      return sum + block.filledFrames - block.counts[.free] - block.counts[.reserved]
        - block.counts[.isolated]
    }
  }
}

/// A run of device frames to fill in the region's file, or to punch out of it.
package struct CarvingWork: Equatable, Sendable {
  package var first: Int
  package var count: Int
  package var fills: Bool
  package var kind = MemoryKind.unbound
  package var end: Int { first + count }
}

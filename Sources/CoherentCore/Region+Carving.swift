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
    let before = frames[index].overshoot
    frames[index].isFilled = isFilled
    noteOvershoot(of: index, since: before)
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

  /// A frame changed, and what it counts in the overshoot with it.
  mutating func noteOvershoot(of index: Int, since before: Int) {
    let change = frames[index].overshoot - before
    if change != 0 { overshootFrames[kind(ofFrame: index)] += change }
  }
}

/// By how many frames the memory files hold more of each kind than the device has: what was placed
/// and not carved out of the region yet, less what is free and not given back yet.
struct Overshoot: Equatable {
  private var frames: [8 of Int] = [0, 0, 0, 0, 0, 0, 0, 0]

  subscript(_ kind: MemoryKind) -> Int {
    get { frames[Int(kind.rawValue)] }
    set { frames[Int(kind.rawValue)] = newValue }
  }

  /// Of the kind of which it is most.
  var most: Int { MemoryKind.all.reduce(0) { max($0, self[$1]) } }

  static func == (one: Overshoot, other: Overshoot) -> Bool {
    MemoryKind.all.allSatisfy { one[$0] == other[$0] }
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

// Which frame is evicted next: the policy, one replaceable piece. It sees insertions (a frame was
// placed, restored, unpinned), hints and removals, and answers "who is coldest". It knows nothing
// of sessions, pins or copies: what must not be evicted is simply not in it.
//
// Four bands by priority, each least-recently-seen first. A frame that came back soon after its
// eviction is protected: it is passed over once. (Refault distance: Linux, mm/workingset.c.)

/// A doubly linked list through the device frames. Every operation takes constant time.
struct EvictionOrder {
  static let bands = 4

  private var coldest = [UInt32](repeating: DeviceFrame.none, count: bands)
  private var hottest = [UInt32](repeating: DeviceFrame.none, count: bands)
  private(set) var count = 0
  /// Counts insertions: the order's own clock.
  private(set) var clock: UInt32 = 0

  static func band(ofPriority priority: UInt8) -> UInt8 { priority >> 6 }

  mutating func insert(
    _ index: Int, band: UInt8, isProtected: Bool, into frames: inout [DeviceFrame]
  ) {
    invariant(!frames[index].isInOrder, "a frame stands in the eviction order once")
    clock &+= 1
    count += 1
    frames[index].isInOrder = true
    frames[index].isProtected = isProtected
    frames[index].band = band
    frames[index].stamp = clock
    append(index, &frames)
  }

  mutating func remove(_ index: Int, from frames: inout [DeviceFrame]) {
    guard frames[index].isInOrder else { return }
    unlink(index, &frames)
    frames[index].isInOrder = false
    count -= 1
  }

  /// Another frame stands where this one stood, if it stood in the order.
  mutating func replace(_ index: Int, by new: Int, in frames: inout [DeviceFrame]) {
    guard frames[index].isInOrder else { return }
    let old = frames[index]
    let band = Int(old.band)
    frames[new].isInOrder = true
    frames[new].isProtected = old.isProtected
    frames[new].band = old.band
    frames[new].stamp = old.stamp
    frames[new].colder = old.colder
    frames[new].hotter = old.hotter
    frames[index].isInOrder = false
    if old.colder != DeviceFrame.none {
      frames[Int(old.colder)].hotter = UInt32(new)
    } else {
      coldest[band] = UInt32(new)
    }
    if old.hotter != DeviceFrame.none {
      frames[Int(old.hotter)].colder = UInt32(new)
    } else {
      hottest[band] = UInt32(new)
    }
  }

  /// Makes a frame the first to go of its band.
  mutating func cool(_ index: Int, in frames: inout [DeviceFrame]) {
    guard frames[index].isInOrder else { return }
    unlink(index, &frames)
    frames[index].isProtected = false
    frames[index].stamp = clock &- UInt32(frames.count)
    let band = Int(frames[index].band)
    frames[index].hotter = coldest[band]
    frames[index].colder = DeviceFrame.none
    if coldest[band] != DeviceFrame.none {
      frames[Int(coldest[band])].colder = UInt32(index)
    } else {
      hottest[band] = UInt32(index)
    }
    coldest[band] = UInt32(index)
  }

  /// The frame to evict next. A protected one loses its protection and goes to the end.
  mutating func victim(in frames: inout [DeviceFrame]) -> Int? {
    for band in 0..<Self.bands {
      while coldest[band] != DeviceFrame.none {
        let index = Int(coldest[band])
        if !frames[index].isProtected { return index }
        frames[index].isProtected = false
        unlink(index, &frames)
        append(index, &frames)
      }
    }
    return nil
  }

  /// Whether a neighbour of a victim may go with it: evictable, as unimportant, and at least half
  /// as long unseen.
  func mayAccompany(_ index: Int, victim: Int, in frames: [DeviceFrame]) -> Bool {
    let neighbour = frames[index]
    guard neighbour.isInOrder, !neighbour.isProtected, neighbour.band == frames[victim].band else {
      return false
    }
    return (clock &- neighbour.stamp) >= (clock &- frames[victim].stamp) / 2
  }

  private mutating func append(_ index: Int, _ frames: inout [DeviceFrame]) {
    let band = Int(frames[index].band)
    frames[index].colder = hottest[band]
    frames[index].hotter = DeviceFrame.none
    if hottest[band] != DeviceFrame.none {
      frames[Int(hottest[band])].hotter = UInt32(index)
    } else {
      coldest[band] = UInt32(index)
    }
    hottest[band] = UInt32(index)
  }

  private mutating func unlink(_ index: Int, _ frames: inout [DeviceFrame]) {
    let frame = frames[index]
    let band = Int(frame.band)
    if frame.colder != DeviceFrame.none {
      frames[Int(frame.colder)].hotter = frame.hotter
    } else {
      coldest[band] = frame.hotter
    }
    if frame.hotter != DeviceFrame.none {
      frames[Int(frame.hotter)].colder = frame.colder
    } else {
      hottest[band] = frame.colder
    }
  }

  func checkInvariants(_ frames: [DeviceFrame]) {
    var seen = 0
    for band in 0..<Self.bands {
      var index = coldest[band]
      var before = DeviceFrame.none
      while index != DeviceFrame.none {
        let frame = frames[Int(index)]
        invariant(frame.isInOrder && Int(frame.band) == band, "the order lists its own frames")
        invariant(frame.colder == before, "the order's links agree both ways")
        invariant(
          frame.state == .device || frame.state == .reserved,
          "only frames at rest can be evicted")
        seen += 1
        before = index
        index = frame.hotter
      }
      invariant(hottest[band] == before, "the order ends at its hottest frame")
    }
    invariant(seen == count, "the order counts what it lists")
  }
}

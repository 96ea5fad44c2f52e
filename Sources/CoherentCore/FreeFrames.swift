// The free frames of the device that may be given out, by the kind of their block, and by whether
// the region's file holds their memory.
//
// Law: each free frame of a block that is online stands in one of the stacks, no other frame does.

struct FreeFrames {
  /// By kind. Frames whose memory was carved out are the first choice for whoever places a frame
  /// now, because then nothing has to be given back only to be carved out again.
  private var holes: [[UInt32]] = Array(repeating: [], count: MemoryKind.count)
  private var filled: [[UInt32]] = Array(repeating: [], count: MemoryKind.count)

  /// Takes one, of that kind or of any. O(kinds).
  mutating func take(_ kind: MemoryKind?, prefersFilled: Bool) -> UInt32? {
    if let kind { return take(Int(kind.rawValue), prefersFilled) }
    for kind in 0..<MemoryKind.count {
      if let index = take(kind, prefersFilled) { return index }
    }
    return nil
  }

  private mutating func take(_ kind: Int, _ prefersFilled: Bool) -> UInt32? {
    prefersFilled
      ? filled[kind].popLast() ?? holes[kind].popLast()
      : holes[kind].popLast() ?? filled[kind].popLast()
  }

  mutating func put(_ index: Int, _ kind: MemoryKind, isFilled: Bool) {
    if isFilled {
      filled[Int(kind.rawValue)].append(UInt32(index))
    } else {
      holes[Int(kind.rawValue)].append(UInt32(index))
    }
  }

  func has(_ kind: MemoryKind) -> Bool {
    !holes[Int(kind.rawValue)].isEmpty || !filled[Int(kind.rawValue)].isEmpty
  }

  /// Takes out all frames that go. O(free frames).
  mutating func removeAll(where goes: (Int) -> Bool) {
    for kind in 0..<MemoryKind.count {
      holes[kind].removeAll { goes(Int($0)) }
      filled[kind].removeAll { goes(Int($0)) }
    }
  }

  /// The stacks are a preference, so only what matters is kept right: what was filled while it was
  /// free is no longer offered as a hole. O(free frames of the kind).
  mutating func noteFilled(_ range: Range<Int>, _ kind: MemoryKind) {
    let kind = Int(kind.rawValue)
    var moved: [UInt32] = []
    holes[kind].removeAll { index in
      guard range.contains(Int(index)) else { return false }
      moved.append(index)
      return true
    }
    filled[kind].append(contentsOf: moved)
  }

  var all: [(kind: MemoryKind, frames: [UInt32])] {
    MemoryKind.all.map { ($0, holes[Int($0.rawValue)] + filled[Int($0.rawValue)]) }
  }
}

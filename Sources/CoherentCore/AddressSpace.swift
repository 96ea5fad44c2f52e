// The address range of one arena, in frames, and which of it is taken: two-level segregated fit.
//
//   | taken 0..<4 | free 4..<64 | taken 64..<65 | free 65..<N |
//
// Extents tile the range without gap or overlap, no two free ones touch, and each free one stands
// in the list of its size class. Source: M. Masmano et al., "TLSF: a new dynamic memory allocator
// for real-time systems", ECRTS 2004.

/// Take and give back a range in constant time, whatever is live. 28 bytes for each extent.
struct AddressSpace {
  private struct Extent {
    var first: UInt32
    var count: UInt32
    var before: UInt32 = none  // neighbour at lower addresses
    var after: UInt32 = none
    var previousFree: UInt32 = none
    var nextFree: UInt32 = none
    var isFree = true
  }

  private static let none = UInt32.max
  private static let subclassBits = 3
  private static let classes = 33 << subclassBits

  let frames: Int
  private var extents: [Extent] = []
  private var vacant: [UInt32] = []
  private var heads: [UInt32]
  /// One bit for each class that has a free extent, 64 classes a word.
  private var occupied: [UInt64]
  private(set) var takenFrames = 0

  init(frames: Int) {
    self.frames = frames
    heads = Array(repeating: Self.none, count: Self.classes)
    occupied = Array(repeating: 0, count: (Self.classes + 63) / 64)
    extents.append(Extent(first: 0, count: UInt32(frames)))
    link(0)
  }

  /// A range of which `taken` is taken: ascending, not empty, without overlap, within `frames`.
  /// Returns the extent of each, in their order. O(taken).
  init(frames: Int, taken: [Range<Int>], extents ofTaken: inout [UInt32]) {
    self.init(frames: frames)
    var next = 0
    unlink(0)
    extents = []
    for range in taken {
      if range.lowerBound > next { append(next..<range.lowerBound, isFree: true) }
      ofTaken.append(append(range, isFree: false))
      takenFrames += range.count
      next = range.upperBound
    }
    if next < frames { append(next..<frames, isFree: true) }
  }

  @discardableResult
  private mutating func append(_ range: Range<Int>, isFree: Bool) -> UInt32 {
    let index = UInt32(extents.count)
    var extent = Extent(first: UInt32(range.lowerBound), count: UInt32(range.count))
    extent.isFree = isFree
    if index > 0 {
      extent.before = index - 1
      extents[Int(index) - 1].after = index
    }
    extents.append(extent)
    if isFree { link(index) }
    return index
  }

  func range(of extent: UInt32) -> Range<Int> {
    let e = extents[Int(extent)]
    return Int(e.first)..<Int(e.first) + Int(e.count)
  }

  /// Takes `count` frames whose first is a multiple of `alignment` (a power of two), or nil.
  mutating func take(count: Int, alignment: Int) -> UInt32? {
    let room = count + alignment - 1
    guard room <= frames, let found = find(atLeast: room) else { return nil }
    unlink(found)
    let first = Int(extents[Int(found)].first)
    let aligned = (first + alignment - 1) & ~(alignment - 1)
    let taken = aligned == first ? found : splitFront(found, keeping: aligned - first)
    if Int(extents[Int(taken)].count) > count {
      let rest = splitBack(taken, keeping: count)
      link(rest)
    }
    extents[Int(taken)].isFree = false
    takenFrames += count
    return taken
  }

  /// Gives a taken extent back; free neighbours become one with it.
  mutating func give(_ extent: UInt32) {
    invariant(!extents[Int(extent)].isFree, "an address range is given back once")
    takenFrames -= Int(extents[Int(extent)].count)
    extents[Int(extent)].isFree = true
    let after = extents[Int(extent)].after
    if after != Self.none, extents[Int(after)].isFree {
      unlink(after)
      merge(extent, with: after)
    }
    let before = extents[Int(extent)].before
    if before != Self.none, extents[Int(before)].isFree {
      unlink(before)
      merge(before, with: extent)
      link(before)
    } else {
      link(extent)
    }
  }

  // MARK: size classes

  private static func sizeClass(_ count: Int) -> Int {
    let top = Int.bitWidth - 1 - count.leadingZeroBitCount
    if top < subclassBits { return count }
    let sub = (count >> (top - subclassBits)) & ((1 << subclassBits) - 1)
    return ((top - subclassBits + 1) << subclassBits) + sub
  }

  /// The class all of whose extents are at least `count` long.
  private static func searchClass(_ count: Int) -> Int {
    let top = Int.bitWidth - 1 - count.leadingZeroBitCount
    if top < subclassBits { return count }
    return sizeClass(count + (1 << (top - subclassBits)) - 1)
  }

  private func find(atLeast count: Int) -> UInt32? {
    var word = Self.searchClass(count) >> 6
    var mask = ~UInt64(0) << UInt64(Self.searchClass(count) & 63)
    while word < occupied.count {
      let bits = occupied[word] & mask
      if bits != 0 { return heads[(word << 6) + bits.trailingZeroBitCount] }
      word += 1
      mask = ~0
    }
    // The class below may still hold one that is long enough: look at a few of it.
    var candidate = heads[Self.sizeClass(count)]
    for _ in 0..<16 where candidate != Self.none {
      if Int(extents[Int(candidate)].count) >= count { return candidate }
      candidate = extents[Int(candidate)].nextFree
    }
    return nil
  }

  private mutating func link(_ extent: UInt32) {
    let index = Self.sizeClass(Int(extents[Int(extent)].count))
    let head = heads[index]
    extents[Int(extent)].isFree = true
    extents[Int(extent)].previousFree = Self.none
    extents[Int(extent)].nextFree = head
    if head != Self.none { extents[Int(head)].previousFree = extent }
    heads[index] = extent
    occupied[index >> 6] |= 1 << UInt64(index & 63)
  }

  private mutating func unlink(_ extent: UInt32) {
    let e = extents[Int(extent)]
    if e.previousFree != Self.none {
      extents[Int(e.previousFree)].nextFree = e.nextFree
    } else {
      let index = Self.sizeClass(Int(e.count))
      heads[index] = e.nextFree
      if e.nextFree == Self.none { occupied[index >> 6] &= ~(1 << UInt64(index & 63)) }
    }
    if e.nextFree != Self.none { extents[Int(e.nextFree)].previousFree = e.previousFree }
  }

  // MARK: neighbours

  /// Leaves the first `keeping` frames as a free extent; returns the extent of the rest.
  private mutating func splitFront(_ extent: UInt32, keeping: Int) -> UInt32 {
    let rest = splitBack(extent, keeping: keeping)
    link(extent)
    return rest
  }

  private mutating func splitBack(_ extent: UInt32, keeping: Int) -> UInt32 {
    let old = extents[Int(extent)]
    let rest = Extent(
      first: old.first + UInt32(keeping), count: old.count - UInt32(keeping), before: extent,
      after: old.after)
    let index: UInt32
    if let reused = vacant.popLast() {
      extents[Int(reused)] = rest
      index = reused
    } else {
      extents.append(rest)
      index = UInt32(extents.count - 1)
    }
    if old.after != Self.none { extents[Int(old.after)].before = index }
    extents[Int(extent)].after = index
    extents[Int(extent)].count = UInt32(keeping)
    return index
  }

  private mutating func merge(_ low: UInt32, with high: UInt32) {
    let gone = extents[Int(high)]
    extents[Int(low)].count += gone.count
    extents[Int(low)].after = gone.after
    if gone.after != Self.none { extents[Int(gone.after)].before = low }
    vacant.append(high)
  }

  /// Walks all extents: they tile the range, no two free ones touch, the sum is right. O(n).
  func checkInvariants() {
    var extent: UInt32 = 0
    var next = 0
    var taken = 0
    var previousFree = false
    while extent != Self.none {
      let e = extents[Int(extent)]
      invariant(Int(e.first) == next, "extents tile the address range")
      invariant(e.count > 0, "no extent is empty")
      invariant(!(previousFree && e.isFree), "free neighbours are one extent")
      if !e.isFree { taken += Int(e.count) }
      previousFree = e.isFree
      next += Int(e.count)
      extent = e.after
    }
    invariant(next == frames, "extents end where the range ends")
    invariant(taken == takenFrames, "the sum of taken extents is what is counted")
  }
}

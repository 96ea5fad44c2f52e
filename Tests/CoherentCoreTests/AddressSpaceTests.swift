// The address space against a model that looks at every frame.

import Testing

@testable import CoherentCore

@Suite struct AddressSpaceTests {
  @Test func agreesWithAModelThatLooksAtEveryFrame() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20 {
      var space = AddressSpace(frames: 200)
      var taken = [Bool](repeating: false, count: 200)
      var live: [UInt32] = []
      for _ in 0..<300 {
        if live.isEmpty || Bool.random(using: &random) {
          let count = Int.random(in: 1...20, using: &random)
          let alignment = 1 << Int.random(in: 0...3, using: &random)
          guard let extent = space.take(count: count, alignment: alignment) else {
            let free = longestFree(taken)
            #expect(free < count + alignment - 1, "refused only when no gap is long enough")
            continue
          }
          let range = space.range(of: extent)
          #expect(range.count == count && range.lowerBound % alignment == 0)
          #expect(range.allSatisfy { !taken[$0] }, "no frame is given out twice")
          for index in range { taken[index] = true }
          live.append(extent)
        } else {
          let extent = live.remove(at: Int.random(in: live.indices, using: &random))
          for index in space.range(of: extent) { taken[index] = false }
          space.give(extent)
        }
        space.checkInvariants()
        #expect(space.takenFrames == taken.count { $0 })
      }
    }
  }

  private func longestFree(_ taken: [Bool]) -> Int {
    var longest = 0
    var run = 0
    for isTaken in taken {
      run = isTaken ? 0 : run + 1
      longest = max(longest, run)
    }
    return longest
  }

  private func take(_ space: inout AddressSpace, count: Int, alignment: Int) throws -> UInt32 {
    guard let extent = space.take(count: count, alignment: alignment) else {
      throw CoreHarness.NotGranted()
    }
    return extent
  }

  @Test func neighboursThatAreGivenBackBecomeOneRange() throws {
    var space = AddressSpace(frames: 12)
    var extents: [UInt32] = []
    for _ in 0..<3 { extents.append(try take(&space, count: 4, alignment: 1)) }
    #expect(space.take(count: 1, alignment: 1) == nil)
    for extent in [extents[0], extents[2], extents[1]] { space.give(extent) }
    let whole = try take(&space, count: 12, alignment: 1)
    #expect(space.range(of: whole) == 0..<12)
  }
}

// Device frames, the eviction order and carving.

import Testing

@testable import CoherentCore

@Suite struct RegionTests {
  private func devices(_ count: Int) -> Region {
    var region = Region(frames: count)
    for index in 0..<count { _ = region.take(session: 0, arenaFrame: index, as: .device) }
    return region
  }

  @Test func theColdestOfTheLowestPriorityGoesFirst() {
    var region = devices(4)
    region.makeEvictable(0, priority: 255, isProtected: false)
    region.makeEvictable(1, priority: 128, isProtected: false)
    region.makeEvictable(2, priority: 0, isProtected: false)
    region.makeEvictable(3, priority: 0, isProtected: false)
    var order: [Int] = []
    while let victim = region.victim() {
      order.append(victim)
      region.makeUnevictable(victim)
    }
    #expect(order == [2, 3, 1, 0])
  }

  @Test func aProtectedFrameIsPassedOverOnce() {
    var region = devices(2)
    region.makeEvictable(0, priority: 0, isProtected: true)
    region.makeEvictable(1, priority: 0, isProtected: false)
    #expect(region.victim() == 1)
    region.makeUnevictable(1)
    #expect(region.victim() == 0)
  }

  @Test func aCooledFrameGoesFirst() {
    var region = devices(3)
    for index in 0..<3 { region.makeEvictable(index, priority: 0, isProtected: false) }
    region.cool(2)
    #expect(region.victim() == 2)
    region.checkInvariants()
  }

  @Test func whatWasTakenIsCarvedAndWhatIsFreeIsFilled() {
    var region = devices(4)
    #expect(region.takeCarvingWork(limit: 10) == [CarvingWork(first: 0, count: 4, fills: false)])
    region.carved(CarvingWork(first: 0, count: 4, fills: false), succeeded: true)
    #expect(region.filledFrames == 0)
    region.give(1)
    region.give(2)
    let work = CarvingWork(first: 1, count: 2, fills: true)
    #expect(region.takeCarvingWork(limit: 10) == [work])
    region.carved(work, succeeded: false)
    #expect(region.takeCarvingWork(limit: 10) == [work], "what failed is tried again")
    region.carved(work, succeeded: true)
    #expect(region.filledFrames == 2 && !region.hasCarvingWork)
    region.checkInvariants()
  }

  @Test func aFrameThatChangesItsMindWhileCarvedIsCarvedBack() {
    var region = devices(1)
    let works = region.takeCarvingWork(limit: 1)
    region.give(0)
    region.carved(works[0], succeeded: true)
    #expect(region.takeCarvingWork(limit: 1) == [CarvingWork(first: 0, count: 1, fills: true)])
  }

  @Test func carvingWorkIsEmptyOnlyWhenNothingIsLeft() {
    var region = devices(3)
    region.give(0)
    region.give(1)
    #expect(region.takeCarvingWork(limit: 1) == [CarvingWork(first: 2, count: 1, fills: false)])
    #expect(region.takeCarvingWork(limit: 1).isEmpty && region.carvingBacklog == 0)
  }
}

// Visits every state that a small world can reach, breadth first, and checks the laws in each. The
// world of allocating, faulting and evicting is visited completely. Those with more events or more
// frames go to a bound in the ordinary tests, and to their end with
// `COHERENTD_SMALL_WORLD_STATES=2000000`, which wants a release build: `swift test -c release
// -Xswiftc -enable-testing`.

import CoherentCore
import Foundation
import Testing

@Suite(.serialized) struct SmallWorldTests {
  static let largestBound =
    ProcessInfo.processInfo.environment["COHERENTD_SMALL_WORLD_STATES"].flatMap { Int($0) }
    ?? 30_000

  @Test func everyStateOfAllocatingAndFaultingIsSound() throws {
    try visitAll("memory", [])
  }

  @Test func everyStateOfThreeFramesIsSound() throws {
    try visitAll(
      "three frames", [], sizes: [2, 1], online: 2, bound: Self.largestBound)
  }

  @Test func everyStateWithSessionsThatEndIsSound() throws {
    try visitAll("ends", [.ends], bound: Self.largestBound)
  }

  @Test func everyStateWithFailuresIsSound() throws {
    try visitAll("failures", [.failures], bound: Self.largestBound)
  }

  @Test func everyStateWithPinsIsSound() throws {
    try visitAll("pins", [.pins], bound: Self.largestBound)
  }

  @Test func everyStateWithFastPinsIsSound() throws {
    try visitAll("fast pins", [.pins, .words], bound: Self.largestBound)
  }

  @Test func everyStateWithLongTermPinsIsSound() throws {
    try visitAll("long-term pins", [.pins, .longTermPins], bound: Self.largestBound)
  }

  @Test func everyStateWithMigrationsIsSound() throws {
    try visitAll("migrations", [.migrations], bound: Self.largestBound)
  }

  @Test func everyStateWithAdviceIsSound() throws {
    try visitAll("advice", [.advice], bound: Self.largestBound)
  }

  @Test func everyStateWithOrdersIsSound() throws {
    try visitAll("orders", [.administration], bound: Self.largestBound)
  }

  @Test func everyStateWithCarvingIsSound() throws {
    try visitAll("carving", [.carving, .failures], bound: Self.largestBound)
  }

  private func visitAll(
    _ name: String, _ alphabet: SmallWorld.Alphabet, sizes: [Int] = [1, 1], online: Int = 1,
    bound: Int = .max
  ) throws {
    var seen: Set<[UInt8]> = []
    var frontier = [SmallWorld(alphabet, sizes: sizes, online: online)]
    seen.insert(frontier[0].fingerprint())
    var transitions = 0
    var depth = 0
    while !frontier.isEmpty, seen.count < bound {
      var next: [SmallWorld] = []
      for world in frontier where seen.count < bound {
        for event in world.events() {
          var after = world
          do {
            try after.apply(event)
            transitions += 1
            guard seen.insert(after.fingerprint()).inserted else { continue }
            try after.check()
          } catch let broken as LawBroken {
            Issue.record("\(name), depth \(depth), \(event): \(broken.description)")
            return
          }
          next.append(after)
        }
      }
      frontier = next
      depth += 1
    }
    let isComplete = frontier.isEmpty
    print(
      "small world '\(name)': \(seen.count) states, \(transitions) transitions, depth \(depth), "
        + (isComplete ? "all" : "cut"))
    #expect(isComplete || bound != .max, "every state was visited")
  }
}

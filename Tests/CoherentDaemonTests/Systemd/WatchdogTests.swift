// When a sign of life is withheld, and when it is not.

import Testing

@testable import CoherentDaemon

@Suite struct WatchdogTests {
  private typealias Look = Watchdog.Look
  private var watchdog = Watchdog(intervalNanoseconds: 100)

  private func pager(_ beats: UInt64, hasWork: Bool = true) -> Look {
    Look(thread: "pager-1", beats: beats, hasWork: hasWork)
  }

  @Test mutating func aThreadThatFinishesNothingForAnIntervalIsStuck() {
    #expect(watchdog.stuckThreads([pager(7)], now: 1000) == [])
    #expect(watchdog.stuckThreads([pager(7)], now: 1099) == [])
    #expect(watchdog.stuckThreads([pager(7)], now: 1100) == ["pager-1"])
    #expect(watchdog.stuckThreads([pager(7)], now: 1125) == ["pager-1"])
    #expect(watchdog.stuckThreads([pager(8)], now: 1150) == [], "it goes on")
    #expect(watchdog.stuckThreads([pager(8)], now: 1250) == ["pager-1"])
  }

  @Test mutating func aThreadWithoutWorkIsNeverStuck() {
    for now in stride(from: UInt64(0), through: 1000, by: 100) {
      #expect(watchdog.stuckThreads([pager(7, hasWork: false)], now: now) == [])
    }
    #expect(watchdog.stuckThreads([pager(7)], now: 1100) == [], "its work has only begun")
  }

  @Test mutating func aThreadThatEndedIsForgotten() {
    _ = watchdog.stuckThreads([pager(7)], now: 0)
    #expect(watchdog.stuckThreads([], now: 100) == [])
    #expect(watchdog.stuckThreads([pager(7)], now: 200) == [])
  }

  @Test mutating func oneStuckThreadAmongManyIsNamed() {
    let busy = { Look(thread: "housekeeper", beats: $0, hasWork: true) }
    _ = watchdog.stuckThreads([pager(1), busy(1)], now: 0)
    #expect(watchdog.stuckThreads([pager(1), busy(2)], now: 100) == ["pager-1"])
  }

  @Test func workThatWaitsForARestingThreadCounts() {
    let heartbeat = Heartbeat(thread: "t")
    #expect(!Look(heartbeat).hasWork)
    #expect(Look(heartbeat, queueHoldsWork: true).hasWork)
  }

  @Test func whatAClientCanDrawOutDoesNotCount() {
    let heartbeat = Heartbeat(thread: "t")
    heartbeat.work()
    #expect(Look(heartbeat).hasWork)
    heartbeat.amongClient { #expect(!Look(heartbeat, queueHoldsWork: true).hasWork) }
    #expect(Look(heartbeat).hasWork)
  }

  @Test func toFinishSomethingAndToRestAreProgress() {
    let heartbeat = Heartbeat(thread: "t")
    heartbeat.work()
    let first = heartbeat.beats
    heartbeat.beat()
    #expect(heartbeat.beats == first + 1)
    heartbeat.rest()
    #expect(heartbeat.beats == first + 2 && heartbeat.activity == .resting)
  }
}

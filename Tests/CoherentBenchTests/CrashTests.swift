// When a daemon is killed, and what is said of it afterwards.

import CoherentControl
import Testing

@testable import coherent_bench

struct CrashTests {
  @Test func everyPointComesOnItsFirstPassageAndThenOnLaterOnes() {
    var schedule = CrashSchedule(points: ["a", "b"], seed: 1)
    let deaths = (0..<8).map { _ in schedule.next() }
    #expect(deaths.indices.allSatisfy { (deaths[$0].killPoint == nil) == ($0 % 2 == 0) })
    #expect(deaths[1] == .atPoint("a", passage: 1))
    #expect(deaths[3] == .atPoint("b", passage: 1))
    #expect(deaths[5].label == "a" && deaths[5] != deaths[1])
  }

  @Test func aPointThatIsRarelyPassedIsNotWaitedForAgain() {
    var schedule = CrashSchedule(points: ["a"], seed: 1)
    let deaths = (0..<4).map { _ in schedule.next() }
    #expect(deaths[3] != .atPoint("a", passage: 1))
    schedule.wasNotReached(deaths[3])
    _ = schedule.next()
    #expect(schedule.next() == .atPoint("a", passage: 1))
  }

  @Test func theSameSeedGivesTheSameMoments() {
    var first = CrashSchedule(points: ["a"], seed: 7)
    var second = CrashSchedule(points: ["a"], seed: 7)
    for _ in 0..<20 { #expect(first.next() == second.next()) }
  }

  @Test func withoutPointsEveryDeathIsAtRandom() {
    var schedule = CrashSchedule(points: [], seed: 1)
    for _ in 0..<4 { #expect(schedule.next().killPoint == nil) }
  }

  @Test func summaryHasTheKeysThatScriptsRead() {
    var summary = CrashSummary()
    summary.note(.atPoint("before-punch", passage: 1), wasReached: true)
    summary.note(.atPoint("before-punch", passage: 2), wasReached: false)
    summary.setRestarts(Sample([10, 30, 20]))
    let text = String(decoding: JSONCoding.encode(summary), as: UTF8.self)
    #expect(
      text
        == #"{"bytes_lost":0,"calls":0,"discrepancies":0,"longest_call":"","longest_call_ms":0,"#
        + #""longest_pause_ms":0,"longest_restart_ms":30,"#
        + #""points":{"before-punch":{"deaths":1,"not_reached":1}},"restart_ms":20,"rounds":2,"#
        + #""undisturbed_pause_ms":0,"updates":0,"updates_lost":0}"#)
  }

  @Test func anythingThatIsLostMakesItUnclean() {
    var report = SurvivalReport()
    var summary = CrashSummary()
    summary.setReports([report, report])
    #expect(summary.isClean)
    report.updatesLost = 1
    summary.setReports([report, report])
    #expect(!summary.isClean && summary.updatesLost == 2)
  }

  @Test func aMessageToTheSupervisorIsReadLineByLine() {
    #expect(
      DescriptorKeeper.assignments("FDSTORE=1\nFDNAME=s3\nSTATUS=a=b\nnothing\n")
        == ["FDSTORE": "1", "FDNAME": "s3", "STATUS": "a=b"])
  }

  @Test func percentilesAreOfTheSortedTimes() {
    var latencies = Latencies(capacity: 100)
    for time in (1...100).reversed() { latencies.add(from: 0, to: UInt64(time)) }
    #expect(latencies.percentileNanoseconds(50) == 50)
    #expect(latencies.percentileNanoseconds(99) == 99)
  }
}

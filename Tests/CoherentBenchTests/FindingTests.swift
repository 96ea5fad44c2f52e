// What is said of a measurement, to people and to scripts.

import CoherentControl
import Testing

@testable import coherent_bench

struct FindingTests {
  private func line(_ finding: Finding) -> String {
    String(decoding: JSONCoding.encode(FindingLine(finding)), as: UTF8.self)
  }

  @Test func ratioIsThatOfTheMedians() {
    let finding = Finding(
      "request", "same core", Sample([1, 6, 100]), unit: "us", floor: Sample([4, 4, 0.1]))
    #expect(finding.ratio == 1.5)
    #expect(finding.meetsTarget == nil)
  }

  @Test(arguments: [
    (Target.ratioAtMost(1.5), true), (.ratioAtMost(1.4), false),
    (.ratioAtMost(1.45, noise: 0.05), true), (.ratioAtLeast(1.5), true),
    (.ratioAtLeast(1.6), false), (.valueAtMost(6), true), (.valueAtMost(5.9), false),
  ])
  func targetIsMetAtItsLimitAndNotBeyond(target: Target, isMet: Bool) {
    let finding = Finding(
      "x", "y", Sample([6]), unit: "us", floor: Sample([4]), target: target)
    #expect(finding.meetsTarget == isMet)
  }

  @Test func jsonHasEveryKey() {
    let finding = Finding(
      "many", "all", Sample([12.345678]), unit: "us", floor: Sample([10]), bytesEach: 73.2712)
    #expect(
      line(finding)
        == #"{"bytes_each":73.27,"floor":10,"label":"all","ratio":1.235,"#
        + #""scenario":"many","unit":"us","value":12.35}"#)
  }

  @Test func quantilesHaveTheirKeys() {
    let finding = Finding(
      "pin", "1 thread", Sample([30]), unit: "ns", floor: Sample([20]),
      percentile99: Sample([44]))
    #expect(
      line(finding)
        == #"{"floor":20,"label":"1 thread","p50_ns":30,"p99_ns":44,"ratio":1.5,"#
        + #""scenario":"pin","unit":"ns","value":30}"#)
  }

  @Test(arguments: [(30.0, 20.0, true), (30, 19, false), (101, 100, false)])
  func targetOfTwoNeedsBoth(value: Double, floor: Double, isMet: Bool) {
    let finding = Finding(
      "pin", "1 thread", Sample([value]), unit: "ns", floor: Sample([floor]),
      target: .bothAtMost(ratio: 1.5, value: 100))
    #expect(finding.meetsTarget == isMet)
  }

  @Test func whatHasNoFloorSaysSo() {
    let finding = Finding("core", "query", Sample([200]), unit: "ns")
    #expect(
      line(finding)
        == #"{"floor":null,"label":"query","ratio":null,"scenario":"core","unit":"ns","value":200}"#
    )
  }

  @Test func summaryHasTheKeysThatScriptsRead() {
    let text = String(decoding: JSONCoding.encode(FilesSummary()), as: UTF8.self)
    #expect(
      text
        == #"{"bytes":0,"evicted_frames":0,"files":0,"mismatches":0,"#
        + #""restored_frames":0,"skipped":0}"#
    )
  }

  @Test func summaryAddsUpWhatTheWorkersSay() {
    var report = WorkerReport()
    report.files = 3
    report.bytes = 100
    report.mismatches = 1
    var before = StatusReport()
    before.evictedFrames = 5
    var now = before
    now.evictedFrames = 12
    let summary = FilesSummary([report, report], before: before, now: now)
    #expect(summary.files == 6)
    #expect(summary.bytes == 200)
    #expect(summary.mismatches == 2)
    #expect(summary.evictedFrames == 7)
    #expect(summary.restoredFrames == 0)
  }
}

// Every number that the daemon reports is seen to move.

import Testing

@Suite struct CounterRuleTests {
  @Test func everyNumberMovesInATest() throws {
    let files = try Repository.current.get().swiftFiles
    #expect(CounterRule.movedNumbers(in: files).contains("lostFrames"))
    let findings = CounterRule.findings(in: files)
    #expect(findings.isEmpty, "\(findings.listing)")
  }

  @Test(arguments: [
    ("try daemon.eventually(status: \"x\") { $0.lostFrames > 0 }", ["lostFrames"]),
    ("#expect(try daemon.status().faults == 3)", ["faults"]),
    ("#expect(status.lostFrames == 0)", []), ("if status.faults >= 0 {", []),
    ("let faults = 3", []), ("a.waiters <= b.limit", ["waiters", "limit"]),
  ])
  func findsAComparisonWithSomething(_ code: String, _ names: [String]) {
    #expect(CounterRule.compared(in: code) == names)
  }

  @Test func refusesANumberThatNoTestMoves() {
    let report = SwiftFile(
      path: "Sources/CoherentControl/Models/StatusReport.swift",
      source: "  package var lostFrames: UInt64 = 0\n  package var name = \"\"\n")
    let other = SwiftFile(
      path: "Tests/Integration/A.swift", source: "#expect(status.lostFrames == 0)\n")
    #expect(CounterRule.findings(in: [report, other]).map(\.line) == [1])
    let test = SwiftFile(
      path: "Tests/Integration/B.swift", source: "#expect(status.lostFrames > 0)\n")
    #expect(CounterRule.findings(in: [report, other, test]).isEmpty)
  }
}

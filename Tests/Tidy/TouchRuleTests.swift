// The daemon touches what a client can hold only where the list says so.

import Testing

@Suite struct TouchRuleTests {
  @Test func whatAClientCanHoldIsTouchedWhereTheListSays() throws {
    let files = try Repository.current.get().swiftFiles
    let findings = TouchRule.findings(in: files, list: TouchList.all)
    #expect(findings.isEmpty, "\(findings.listing)")
    #expect(TouchList.all.allSatisfy { !$0.reason.isEmpty })
    #expect(Set(TouchList.all.map(\.path)).count == TouchList.all.count, "each file once")
  }

  private let path = "Sources/CoherentDaemon/A.swift"

  @Test(arguments: [
    ("try session.memory.file.punch(offsetBytes: 0)", ["punch": 1]),
    ("try? file.fill(a); file.fill(b)", ["fill": 2]),
    ("try memory.file.read(into: x)", ["read": 1]), ("sink.read(into: x)", [:]),
    ("let a = Descriptor(owning: number)", ["Descriptor": 1]),
    ("func punch(_ a: Int) {", [:]), ("// file.punch(a)", [:]), ("say(\"punch(a)\")", [:]),
    ("userfault?.continueRange(a)", ["continueRange": 1]),
  ])
  func findsACall(_ code: String, _ calls: [String: Int]) {
    #expect(TouchRule.touches(in: SwiftFile(path: path, source: code)) == calls)
    let elsewhere = SwiftFile(path: "Sources/Coherent/A.swift", source: code)
    #expect(TouchRule.touches(in: elsewhere) == [:])
  }

  @Test func refusesANewPlaceAnotherCallAndAStaleLine() {
    let file = SwiftFile(path: path, source: "file.punch(a)\n")
    let right = Touch("CoherentDaemon/A.swift", "for a test", ["punch": 1])
    #expect(TouchRule.findings(in: [file], list: [right]).isEmpty)
    #expect(TouchRule.findings(in: [file], list: []).map(\.path) == [path])
    let more = SwiftFile(path: path, source: "file.punch(a)\nfile.punch(b)\n")
    #expect(TouchRule.findings(in: [more], list: [right]).map(\.path) == [path])
    #expect(TouchRule.findings(in: [], list: [right]).map(\.path) == ["CoherentDaemon/A.swift"])
  }
}

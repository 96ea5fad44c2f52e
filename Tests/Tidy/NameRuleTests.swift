// Names of types and files.

import Testing

@Suite struct NameRuleTests {
  @Test func everyNameInTheRepositorySaysSomething() throws {
    let repository = try Repository.current.get()
    let inSwift = repository.swiftFiles.flatMap(NameRule.findings(in:))
    let elsewhere = repository.paths.filter { !$0.hasSuffix(".swift") }
    let findings = inSwift + elsewhere.flatMap(NameRule.pathFindings)
    #expect(findings.isEmpty, "\(findings.listing)")
  }

  @Test(arguments: ["FrameManager", "Utils", "PathHelper", "CommonOptions", "MiscTable"])
  func refusesATypeThatIsNamedForEverything(_ name: String) {
    let file = SwiftFile(path: "Tests/A/B.swift", source: "private final class \(name) {\n}\n")
    #expect(NameRule.findings(in: file).map(\.line) == [1])
    #expect(!NameRule.pathFindings("Sources/A/\(name).swift").isEmpty)
  }

  @Test func letsAWordBePartOfAnother() {
    #expect(NameRule.pathFindings("Sources/A/CommonsenseUtilization.swift").isEmpty)
    #expect(NameRule.words(of: "JSONLayout2+MiscTable_a") == "J S O N Layout Misc Table A".split())
  }

  @Test func refusesAFileThatDeclaresSomethingElse() {
    let source = "struct Frame {}\n"
    #expect(NameRule.findings(in: SwiftFile(path: "Sources/A/Frame.swift", source: source)) == [])
    #expect(!NameRule.findings(in: SwiftFile(path: "Sources/A/Page.swift", source: source)).isEmpty)
    #expect(NameRule.findings(in: SwiftFile(path: "Tests/A/Page.swift", source: source)) == [])
    let member = "extension Frame {\n  static let page = Frame()\n}\n"
    #expect(NameRule.findings(in: SwiftFile(path: "Sources/A/Page.swift", source: member)) == [])
  }
}

extension String {
  fileprivate func split() -> [String] { split(separator: " ").map(String.init) }
}

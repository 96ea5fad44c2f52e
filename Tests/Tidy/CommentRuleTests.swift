// The paragraph at the top, unfinished business, and the reasons for what no compiler can check.

import Testing

@Suite struct CommentRuleTests {
  private static let paragraph = "// What this is, and who owns it.\n"

  @Test func everyFileOfTheRepositoryIsCommentedAsItMustBe() throws {
    let findings = try Repository.current.get().swiftFiles.flatMap(CommentRule.findings(in:))
    #expect(findings.isEmpty, "\(findings.listing)")
  }

  @Test(arguments: [
    "import A\n", "// Frame.swift\n", "/// What this type is, and who owns it.\nstruct A {}\n", "",
    "\n// What this is, and who owns it.\n", "// What this is, and who owns it\n",
  ])
  func refusesAFileWithoutAParagraph(_ source: String) {
    #expect(findings(source).map(\.line) == [1])
  }

  @Test func acceptsAParagraphOfSeveralLines() {
    #expect(findings("// What this is, and\n// who owns it.\n\nimport A\n").isEmpty)
    #expect(findings("// swift-tools-version: 6.2\n" + Self.paragraph).isEmpty)
  }

  @Test(arguments: CommentRule.bannedMarks)
  func refusesUnfinishedBusiness(_ mark: String) {
    #expect(findings(Self.paragraph + "let a = 1  // \(mark): b\n").map(\.line) == [2])
    #expect(findings(Self.paragraph + "let a = \"\(mark)\"\n").isEmpty)
  }

  @Test(arguments: CommentRule.trustingCode)
  func refusesTrustWithoutAReason(_ code: String) {
    #expect(findings(Self.paragraph + "\(code)\n").map(\.line) == [2])
    #expect(findings(Self.paragraph + "// SAFETY: only one thread has it.\n\(code)\n").isEmpty)
    let far = String(repeating: "\n", count: CommentRule.nearbyLines.above)
    let source = Self.paragraph + "// SAFETY: only one thread has it.\n\(far)\(code)\n"
    #expect(findings(source).count == 1)
  }

  private func findings(_ source: String) -> [Finding] {
    CommentRule.findings(in: SwiftFile(path: "Sources/A/B.swift", source: source))
  }
}

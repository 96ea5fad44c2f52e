// The README against the repository.

import Testing

@Suite struct ReadmeRuleTests {
  @Test func describesEveryModuleAndDependency() throws {
    let repository = try Repository.current.get()
    let readme = try repository.text("README.md")
    let findings =
      ReadmeRule.moduleFindings(readme: readme, modules: try repository.sourceModules())
      + ReadmeRule.dependencyFindings(readme: readme, package: try repository.text("Package.swift"))
    #expect(findings.isEmpty, "\(findings.listing)")
  }

  @Test func linksOnlyToWhatIsThere() throws {
    let repository = try Repository.current.get()
    let findings = ReadmeRule.linkFindings(
      readme: try repository.text("README.md"), exists: repository.has)
    #expect(findings.isEmpty, "\(findings.listing)")
  }

  @Test func showsTheExampleThatIsCompiledAndRun() throws {
    let repository = try Repository.current.get()
    let findings = ReadmeRule.exampleFindings(
      readme: try repository.text("README.md"),
      example: try repository.text(ReadmeRule.examplePath))
    #expect(findings.isEmpty, "\(findings.listing)")
  }

  @Test func refusesATableThatMissesAModuleOrInventsOne() {
    let readme = "## How the code is laid out\n\n| `A` | a |\n| `B` | b |\n## Next\n| `C` | c |\n"
    #expect(ReadmeRule.moduleFindings(readme: readme, modules: ["A", "B"]).isEmpty)
    #expect(ReadmeRule.moduleFindings(readme: readme, modules: ["A", "B", "C"]).count == 1)
    #expect(ReadmeRule.moduleFindings(readme: readme, modules: ["A"]).count == 1)
  }

  @Test func refusesADependencyWithoutAReason() {
    let package = """
      .package(url: "https://example.org/one/parser", from: "1.0.0"),
      .systemLibrary(name: "C", pkgConfig: "libthing", providers: [])
      """
    #expect(ReadmeRule.dependencies(of: package) == ["parser", "libthing"])
    let row = "## Dependencies\n| parser | tools | It reads command lines. |\n"
    let both = row + "| `libthing` | daemon | It is the only one. |\n"
    let bare = row + "| `libthing` | daemon | yes |\n"
    #expect(ReadmeRule.dependencyFindings(readme: both, package: package).isEmpty)
    #expect(ReadmeRule.dependencyFindings(readme: bare, package: package).count == 1)
    #expect(ReadmeRule.dependencyFindings(readme: row, package: package).count == 1)
  }

  @Test func refusesADeadLink() {
    let readme = "[a](a.md#part) [b](https://example.org) [c](#here)\n[d](d.md)\n"
    let findings = ReadmeRule.linkFindings(readme: readme) { $0 == "a.md" }
    #expect(findings.map(\.line) == [2])
  }

  @Test func refusesAnExampleThatNobodyCompiled() {
    let readme = "text\n```swift\nlet a = 1\n\nrun(a)\n```\n```swift\nother\n```\n"
    #expect(ReadmeRule.exampleFindings(readme: readme, example: "let a = 1\n\nrun(a)\n").isEmpty)
    #expect(ReadmeRule.exampleFindings(readme: readme, example: "let a = 2\n\nrun(a)\n").count == 1)
    #expect(ReadmeRule.exampleFindings(readme: "none", example: "").count == 1)
  }
}

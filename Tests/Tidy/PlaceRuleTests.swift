// The top of the repository, mains, sleeping tests, and the paths of somebody's machine.

import Testing

@Suite struct PlaceRuleTests {
  @Test func theTopOfTheRepositoryHasItsFixedEntries() throws {
    let findings = PlaceRule.topLevelFindings(try Repository.current.get().topLevelNames())
    #expect(findings.isEmpty, "\(findings.listing)")
  }

  @Test func noFileKnowsTheMachineItWasWrittenOn() throws {
    let repository = try Repository.current.get()
    let findings = try repository.paths.flatMap { path in
      PlaceRule.machineFindings(path: path, text: try repository.text(path))
    }
    #expect(findings.isEmpty, "\(findings.listing)")
  }

  @Test func noTestSleeps() throws {
    let findings = try Repository.current.get().swiftFiles.flatMap(PlaceRule.sleepFindings)
    #expect(findings.isEmpty, "\(findings.listing)")
  }

  @Test func everyMainIsOneStatement() throws {
    let files = try Repository.current.get().swiftFiles
    let findings = files.flatMap(PlaceRule.mainFindings)
    #expect(findings.isEmpty, "\(findings.listing)")
    #expect(files.contains { $0.name == "main.swift" })
  }

  @Test func refusesWhatIsNewOrMissingAtTheTop() {
    let names = ["Package.swift", "Sources", "Tests", "systemd", "config", "README.md"]
    #expect(PlaceRule.topLevelFindings(names + ["Package.resolved"]).isEmpty)
    #expect(PlaceRule.topLevelFindings(names + ["notes.txt"]).map(\.path) == ["notes.txt"])
    #expect(PlaceRule.topLevelFindings(names.dropLast()).map(\.path) == ["README.md"])
  }

  @Test(arguments: PlaceRule.machinePaths)
  func refusesThePathOfAMachine(_ machinePath: String) {
    let text = "a\nsee \(machinePath)notes\n"
    #expect(PlaceRule.machineFindings(path: "a.md", text: text).map(\.line) == [2])
  }

  @Test(arguments: ["sleep(1)", "try await Task.sleep(for: .seconds(1))", "Glibc.usleep(5)"])
  func refusesATestThatSleeps(_ code: String) {
    let test = SwiftFile(path: "Tests/A/B.swift", source: "let a = 1\n\(code)\n")
    #expect(PlaceRule.sleepFindings(in: test).map(\.line) == [2])
    let other = SwiftFile(path: "Tests/A/B.swift", source: "// sleep(1)\nrun(\"/bin/sleep\")\n")
    #expect(PlaceRule.sleepFindings(in: other).isEmpty)
  }

  @Test func refusesAMainOfTwoStatements() {
    let one = "// Main.\nimport A\n\nProcess.exit(\n  Daemon.run(\n    a, b))\n"
    let main = "Sources/A/main.swift"
    #expect(PlaceRule.mainFindings(in: SwiftFile(path: main, source: one)).isEmpty)
    for source in [one + "more()\n", "a(); b()\n", "import A\n", "let a = 1\nrun(a)\n"] {
      #expect(PlaceRule.mainFindings(in: SwiftFile(path: main, source: source)).count == 1)
    }
  }
}

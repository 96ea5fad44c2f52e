// Lengths: of lines, functions, files, and of the usual file.

import Testing

@Suite struct LengthRuleTests {
  @Test func nothingInTheRepositoryIsTooLong() throws {
    let files = try Repository.current.get().swiftFiles
    let findings =
      files.flatMap(LengthRule.findings(in:)) + LengthRule.medianFindings(in: files)
    #expect(findings.isEmpty, "\(findings.listing)")
  }

  @Test func refusesALineOfOneColumnTooMany() {
    let long = String(repeating: "a", count: 101)
    let file = SwiftFile(path: "Sources/A/B.swift", source: "\(long.dropLast())\n\(long)\n")
    #expect(LengthRule.findings(in: file).map(\.line) == [2])
  }

  @Test func refusesAFileOfOneLineTooMany() {
    let lines = String(repeating: "a\n", count: 500)
    #expect(findings(lines).isEmpty)
    #expect(findings(lines + "a\n").map(\.line) == [0])
  }

  @Test(arguments: ["func f() {", "init(a: Int) {", "deinit {", "var a: Int {", "@A(b) func f() {"])
  func refusesALongFunction(_ beginning: String) {
    let body = String(repeating: "    call { (a) in [a] }\n", count: 57)
    #expect(findings("struct S {\n  \(beginning)\n\(body)  }\n}\n").isEmpty)
    let longer = "struct S {\n  \(beginning)\n\(body)    more()\n  }\n}\n"
    #expect(findings(longer).map(\.line) == [2])
  }

  @Test func findsTheBodyBehindAParameterListOfManyLines() throws {
    let source = """
      func first()
      func second(
        a: () -> Void = {}, b: Int
      ) throws(E) -> Int {
        a()
      }
      """
    let found = Declaration.all(in: SwiftFile(path: "a.swift", source: source))
    #expect(found.map(\.name) == ["first", "second"])
    #expect(found.map(\.lineCount) == [1, 5])
  }

  @Test func refusesADirectoryWhoseUsualFileIsLong() {
    let short = SwiftFile(path: "Sources/A/S.swift", source: "a\n")
    let long = SwiftFile(
      path: "Sources/A/L.swift", source: String(repeating: "a\n", count: 200))
    #expect(LengthRule.medianFindings(in: [short, short, long]).isEmpty)
    #expect(LengthRule.medianFindings(in: [short, long, long]).map(\.path) == ["Sources/A"])
  }

  private func findings(_ source: String) -> [Finding] {
    LengthRule.findings(in: SwiftFile(path: "Sources/A/B.swift", source: source))
  }
}

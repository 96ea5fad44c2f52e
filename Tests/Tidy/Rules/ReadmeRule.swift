// The README against what it describes: its modules, its dependencies, its links and its example.

enum ReadmeRule {
  /// The example, as a program that every build compiles and that Tests/run-tests.sh runs.
  static let examplePath = "Tests/ReadmeExample/main.swift"

  /// Every module has a row in a table, and no row is about a module that is not there.
  static func moduleFindings(readme: String, modules: [String]) -> [Finding] {
    let rows = section("## How the code is laid out", of: readme)
      .compactMap { line -> String? in
        guard line.hasPrefix("| `") else { return nil }
        return String(line.dropFirst(3).prefix { $0 != "`" })
      }
    let missing = modules.filter { !rows.contains($0) }
    let surplus = rows.filter { !modules.contains($0) }
    return missing.map { Finding("README.md", "the table of modules has no row for `\($0)`") }
      + surplus.map { Finding("README.md", "there is no module `\($0)`") }
  }

  /// Every dependency of the package has a row with its reason.
  static func dependencyFindings(readme: String, package: String) -> [Finding] {
    let rows = section("## Dependencies", of: readme).filter { $0.hasPrefix("|") }
    return dependencies(of: package)
      .filter { name in
        !rows.contains { row in
          let cells = row.split(separator: "|")
          return cells.count >= 2 && cells[0].contains(name)
            && cells[1...].contains { $0.split(separator: " ").count >= 3 }
        }
      }
      .map { Finding("README.md", "the table of dependencies has no reason for `\($0)`") }
  }

  /// The packages and system libraries that the package's description names.
  static func dependencies(of package: String) -> [String] {
    package.split(separator: "\n").compactMap { line in
      for key in ["url: \"", "pkgConfig: \""] {
        guard let start = line.firstRange(of: key)?.upperBound else { continue }
        return line[start...].prefix { $0 != "\"" }.split(separator: "/").last.map(String.init)
      }
      return nil
    }
  }

  /// A link that is no address on the web is a file here.
  static func linkFindings(readme: String, exists: (String) -> Bool) -> [Finding] {
    readme.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      .flatMap { index, line in
        line.split(separator: "](", omittingEmptySubsequences: false).dropFirst()
          .map { String($0.prefix { $0 != ")" && $0 != "#" }) }
          .filter { !$0.isEmpty && !$0.contains("://") && !exists($0) }
          .map { Finding("README.md", line: index + 1, "links to `\($0)`, which is not there") }
      }
  }

  /// The first Swift block of the README is the example, to the letter.
  static func exampleFindings(readme: String, example: String) -> [Finding] {
    let lines = readme.split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.firstIndex(of: "```swift") else {
      return [Finding("README.md", "has no example in Swift")]
    }
    let shown = lines[(start + 1)...].prefix { $0 != "```" }
    let compiled = example.split(separator: "\n", omittingEmptySubsequences: false)
      .dropLast(example.hasSuffix("\n") ? 1 : 0)
    if shown.elementsEqual(compiled) { return [] }
    return [Finding("README.md", line: start + 1, "the example differs from \(examplePath)")]
  }

  /// The lines below a heading, up to the next one of its kind.
  private static func section(_ heading: String, of readme: String) -> [Substring] {
    let lines = readme.split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.firstIndex(of: heading[...]) else { return [] }
    return Array(lines[(start + 1)...].prefix { !$0.hasPrefix("## ") })
  }
}

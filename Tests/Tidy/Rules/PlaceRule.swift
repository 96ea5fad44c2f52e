// What belongs where: the top of the repository has its fixed entries, a program's main has one
// statement, tests wait for states instead of sleeping, and no file knows the machine it was
// written on.

enum PlaceRule {
  static let topLevelNames: Set = [
    "Package.swift", "Sources", "Tests", "systemd", "config", "README.md",
  ]
  /// May be there, and is not tracked.
  static let untrackedNames: Set = ["Package.resolved"]

  /// Directories of the machines that the project was built on. In two parts, or this file would
  /// break its own rule.
  static let machinePaths = ["/wo" + "rk/", "/ro" + "ot/", "/tm" + "p/h/", "/op" + "t/"]

  static let sleepingWords: Set = [
    "sleep", "usleep", "nanosleep", "clock_nanosleep", "sleepForTimeInterval",
  ]

  static func topLevelFindings(_ names: [String]) -> [Finding] {
    let unexpected = names.filter { !topLevelNames.contains($0) && !untrackedNames.contains($0) }
    let missing = topLevelNames.filter { !names.contains($0) }.sorted()
    return unexpected.map { Finding($0, "does not belong at the top of the repository") }
      + missing.map { Finding($0, "is missing at the top of the repository") }
  }

  static func machineFindings(path: String, text: String) -> [Finding] {
    text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      .flatMap { index, line in
        machinePaths.filter { line.contains($0) }.map {
          Finding(path, line: index + 1, "`\($0)` is a path of somebody's machine")
        }
      }
  }

  static func sleepFindings(in file: SwiftFile) -> [Finding] {
    guard file.isTest else { return [] }
    return file.lines.enumerated().flatMap { index, line in
      let isCall = line.code.contains("(")
      return line.words.filter { isCall && sleepingWords.contains($0) }.map {
        Finding(file.path, line: index + 1, "`\($0)`: wait for the state, with a bound")
      }
    }
  }

  /// Code in main.swift would belong to the main actor, and trap on any other thread.
  static func mainFindings(in file: SwiftFile) -> [Finding] {
    guard file.name == "main.swift", file.path != ReadmeRule.examplePath else { return [] }
    var depth = 0
    var statements = 0
    for line in file.lines where !line.words.isEmpty || !line.code.isEmpty {
      let trimmed = line.code.drop(while: \.isWhitespace)
      if trimmed.isEmpty || line.words.contains("import") { continue }
      // What is in brackets or begins with a dot goes on with the statement before.
      if depth == 0, let first = trimmed.first, !").]}".contains(first) {
        statements += 1 + trimmed.filter { $0 == ";" }.count
      }
      depth += trimmed.filter { "([{".contains($0) }.count
      depth -= trimmed.filter { ")]}".contains($0) }.count
    }
    if statements == 1 { return [] }
    return [Finding(file.path, "\(statements) statements; a program's main has one")]
  }
}

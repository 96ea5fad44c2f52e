// A number of the status or of a session that cannot move says nothing, and a check of it cannot
// fail. So each has a test with a real daemon in which it is compared with something but 0.

enum CounterRule {
  static let reports: Set = ["StatusReport.swift", "SessionReport.swift"]
  /// Where real daemons are.
  static let suites: Set = ["Integration", "System"]

  static func findings(in files: [SwiftFile]) -> [Finding] {
    let moved = movedNumbers(in: files)
    return files.filter { reports.contains($0.name) && $0.sourceModule != nil }.flatMap { file in
      numbers(of: file).filter { !moved.contains($0.name) }.map {
        Finding(
          file.path, line: $0.line,
          "no test in which `\($0.name)` moves: compare it with something but 0 in one of "
            + "Tests/Integration")
      }
    }
  }

  /// `package var NAME: UInt64`.
  static func numbers(of file: SwiftFile) -> [(name: String, line: Int)] {
    file.lines.enumerated().compactMap { index, line in
      let words = line.words
      guard words.count > 3, words[0] == "package", words[1] == "var", words[3] == "UInt64" else {
        return nil
      }
      return (words[2], index + 1)
    }
  }

  /// Names behind a dot, before or behind a comparison with another thing than 0.
  static func movedNumbers(in files: [SwiftFile]) -> Set<String> {
    var moved: Set<String> = []
    for file in files where file.isTest && suites.contains(file.components[1]) {
      for line in file.lines { moved.formUnion(compared(in: line.code)) }
    }
    return moved
  }

  private static let comparisons: Set = ["==", ">", ">=", "<", "<="]

  static func compared(in code: String) -> [String] {
    let terms = code.split { " ,{}".contains($0) }.map(String.init)
    return terms.indices.flatMap { index -> [String] in
      guard index > 0, index + 1 < terms.count, comparisons.contains(terms[index])
      else { return [] }
      let (left, right) = (terms[index - 1], terms[index + 1])
      let isNothing = right.hasPrefix("0") && (terms[index] == "==" || terms[index] == ">=")
      return isNothing ? [] : [left, right].compactMap(property)
    }
  }

  /// `x` of `a.b.x`, with what closes behind it.
  private static func property(_ term: String) -> String? {
    let name = term.split(separator: ".").last?.prefix { $0.isLetter || $0.isNumber }
    return term.contains(".") ? name.map(String.init) : nil
  }
}

// Nothing is longer than a reader can take in: lines, functions, files, and a module's usual file.

enum LengthRule {
  static let maximumColumns = 100
  static let maximumFileLines = 500
  static let maximumFunctionLines = 59
  static let maximumMedianLines = 199

  /// What is too long in one file.
  static func findings(in file: SwiftFile) -> [Finding] {
    var findings: [Finding] = []
    if file.lines.count > maximumFileLines {
      findings.append(
        Finding(file.path, "\(file.lines.count) lines; no file has over \(maximumFileLines)"))
    }
    for (index, line) in file.lines.enumerated() where line.text.count > maximumColumns {
      findings.append(
        Finding(file.path, line: index + 1, "\(line.text.count) columns, over \(maximumColumns)"))
    }
    for declaration in Declaration.all(in: file)
    where declaration.kind == .function && declaration.lineCount > maximumFunctionLines {
      findings.append(
        Finding(
          file.path, line: declaration.line,
          "`\(declaration.name)` has \(declaration.lineCount) lines; functions stay under 60"))
    }
    return findings
  }

  /// Whether the usual file of a directory below Sources or Tests is short.
  static func medianFindings(in files: [SwiftFile]) -> [Finding] {
    let grouped = Dictionary(grouping: files.filter { $0.components.count > 2 }) { file in
      file.components[..<2].joined(separator: "/")
    }
    return grouped.sorted { $0.key < $1.key }.compactMap { directory, files in
      let median = files.map(\.lines.count).sorted()[files.count / 2]
      guard median > maximumMedianLines else { return nil }
      return Finding(directory, "the median file has \(median) lines; it should be under 200")
    }
  }
}

// Comments that must be there, and comments that must not: every file says what it is before it
// does anything, what the compiler cannot check has its reason beside it, and unfinished business
// belongs to an issue.

enum CommentRule {
  /// Marks of unfinished business. In two parts, or this file would break its own rule.
  static let bannedMarks = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]

  /// Code that is right only for a reason which the compiler cannot see.
  static let trustingCode = [
    "@unchecked", "nonisolated(unsafe)", "exclusivity(unchecked)", "unsafeBitCast",
    "unsafeDowncast", "assumingMemoryBound", "bindMemory", "takeUnretainedValue",
    "takeRetainedValue", "unsafelyUnwrapped", "RawPointer(bitPattern", "Pointer(bitPattern",
  ]
  /// How far from it the reason may stand, in lines above and in lines below.
  static let nearbyLines = (above: 12, below: 6)

  /// Fewer make a title, not a sentence.
  private static let minimumWords = 4

  static func findings(in file: SwiftFile) -> [Finding] {
    paragraphFindings(in: file) + markFindings(in: file)
      + (file.sourceModule == nil ? [] : safetyFindings(in: file))
  }

  /// The opening paragraph: words that make a sentence. A picture may follow it.
  private static func paragraphFindings(in file: SwiftFile) -> [Finding] {
    // The first line of a package's description belongs to the package manager.
    let lines = file.lines.drop { $0.comment.contains("swift-tools-version") }
    let paragraph = lines.prefix { $0.comment.hasPrefix("// ") && $0.code.isEmpty }
    let words = paragraph.flatMap { $0.comment.dropFirst(3).split(separator: " ") }
    let ends = words.contains { $0.hasSuffix(".") || $0.hasSuffix(":") }
    if words.count >= minimumWords && ends { return [] }
    return [Finding(file.path, line: 1, "does not start with a paragraph that says what it is")]
  }

  private static func markFindings(in file: SwiftFile) -> [Finding] {
    file.lines.enumerated().flatMap { index, line in
      bannedMarks.filter { line.comment.contains($0) }.map {
        Finding(file.path, line: index + 1, "\($0): open an issue instead")
      }
    }
  }

  private static func safetyFindings(in file: SwiftFile) -> [Finding] {
    file.lines.indices.compactMap { index in
      guard let used = trustingCode.first(where: { file.lines[index].code.contains($0) }) else {
        return nil
      }
      let first = max(0, index - nearbyLines.above)
      let last = min(file.lines.count - 1, index + nearbyLines.below)
      let isExplained = file.lines[first...last].contains { $0.comment.contains("SAFETY:") }
      return isExplained
        ? nil : Finding(file.path, line: index + 1, "`\(used)` without a `// SAFETY:` nearby")
    }
  }
}

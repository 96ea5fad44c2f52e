// Names say what a thing is. A word that fits everything says nothing, and a file is named after
// what it declares.

enum NameRule {
  /// Words that are no part of any type's or file's name.
  static let bannedWords: Set = [
    "Manager", "Util", "Utils", "Utility", "Utilities", "Helper", "Helpers", "Common", "Misc",
  ]

  static func findings(in file: SwiftFile) -> [Finding] {
    var findings = pathFindings(file.path)
    for declaration in Declaration.all(in: file) where declaration.kind == .type {
      for word in words(of: declaration.name) where bannedWords.contains(word) {
        findings.append(
          Finding(
            file.path, line: declaration.line, "`\(declaration.name)`: `\(word)` says nothing"))
      }
    }
    if file.sourceModule != nil, file.name != "main.swift", !declaresItsNoun(file) {
      findings.append(Finding(file.path, "declares nothing named `\(noun(of: file.name))`"))
    }
    return findings
  }

  /// Every file and directory of the repository, not only Swift.
  static func pathFindings(_ path: String) -> [Finding] {
    let banned = path.split(separator: "/").flatMap { words(of: String($0)) }
      .filter { bannedWords.contains($0) }
    return banned.map { Finding(path, "`\($0)` in a file's name says nothing") }
  }

  /// `Noun.swift` and `Noun+Capability.swift` are about `Noun`.
  private static func noun(of name: String) -> String {
    String(name.prefix { $0 != "+" && $0 != "." })
  }

  private static func declaresItsNoun(_ file: SwiftFile) -> Bool {
    let types = Declaration.all(in: file).filter { $0.kind == .type }
    let noun = noun(of: file.name)
    // A plural, and a capability, may be about several types; free functions have no type at all.
    let isGroup = noun.hasSuffix("s") || file.name.contains("+")
    return types.isEmpty || isGroup || types.contains { $0.name == noun }
      || declaresMember(file, noun.prefix(1).lowercased() + noun.dropFirst())
  }

  /// An extension with one member may be named after that.
  private static func declaresMember(_ file: SwiftFile, _ name: String) -> Bool {
    file.lines.contains { line in
      let words = line.words
      guard let position = words.firstIndex(of: name), position > 0 else { return false }
      return ["let", "var", "func"].contains(words[position - 1])
    }
  }

  /// The words of a name in camel case, without what separates them.
  static func words(of name: String) -> [String] {
    var words: [String] = []
    for character in name {
      if !character.isLetter {
        words.append("")
      } else if character.isUppercase || words.isEmpty {
        words.append(String(character))
      } else {
        words[words.count - 1].append(character)
      }
    }
    return words.filter { !$0.isEmpty }.map { $0.prefix(1).uppercased() + $0.dropFirst() }
  }
}

// A Swift file as the rules see it: where it is, and its lines taken apart.

/// One line of Swift.
struct SwiftLine: Equatable {
  let text: String
  /// Without comments, and without what stands in string literals.
  let code: String
  /// With its slashes.
  let comment: String

  /// The names, keywords and numbers of the code, in order.
  var words: [String] {
    code.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
  }
}

struct SwiftFile {
  /// Relative to the repository's root.
  let path: String
  let lines: [SwiftLine]

  init(path: String, source: String) {
    self.path = path
    lines = SwiftLexer.lines(of: source)
  }

  /// The parts of the path: `Sources`, the module, ..., the name.
  var components: [String] { path.split(separator: "/").map(String.init) }

  var name: String { components.last ?? path }

  /// The name of the module under Sources, or nil for what is elsewhere.
  var sourceModule: String? {
    components.count > 2 && components[0] == "Sources" ? components[1] : nil
  }

  var isTest: Bool { components.first == "Tests" }

  /// The modules that the file imports, each with its line.
  var imports: [(module: String, line: Int)] {
    lines.enumerated().compactMap { index, line in
      let words = line.words
      guard let position = words.firstIndex(of: "import"), position + 1 < words.count,
        words[..<position].allSatisfy({ Self.importModifiers.contains($0) })
      else { return nil }
      // `import struct Module.Name` names the module behind the kind.
      let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
      let isScoped = kinds.contains(words[position + 1]) && position + 2 < words.count
      return (words[position + (isScoped ? 2 : 1)], index + 1)
    }
  }

  private static let importModifiers: Set = [
    "public", "package", "internal", "private", "fileprivate", "testable", "preconcurrency",
    "_exported", "_implementationOnly",
  ]
}

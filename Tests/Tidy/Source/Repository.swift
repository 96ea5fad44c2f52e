// The repository on disk, as much of it as the rules look at: what its authors wrote. It is read
// once. Build products, editors' leavings and what git keeps for itself are not seen.

import CoherentSystem

/// All files of the repository that these tests belong to.
struct Repository {
  let root: String
  /// Relative to the root, sorted.
  let paths: [String]
  /// All Swift files, and the package's description.
  let swiftFiles: [SwiftFile]

  static let current = Result { try Repository() }

  /// Finds the root from the place of this file, which the compiler noted.
  private init() throws {
    // Tests/Tidy/Source/Repository.swift: four levels up.
    root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    let paths = try Self.files(below: root, "").sorted()
    self.paths = paths
    swiftFiles = try paths.filter { $0.hasSuffix(".swift") }.map { [root] path in
      SwiftFile(path: path, source: try Self.text("\(root)/\(path)"))
    }
  }

  /// What stands at the top, directories included.
  func topLevelNames() throws -> [String] {
    try Directory.names(path: root).filter { !$0.hasPrefix(".") }
  }

  func text(_ path: String) throws -> String { try Self.text("\(root)/\(path)") }

  func has(_ path: String) -> Bool { SmallFile.exists(path: "\(root)/\(path)") }

  /// The names of the directories below Sources.
  func sourceModules() throws -> [String] { try Directory.names(path: "\(root)/Sources") }

  private static func text(_ absolutePath: String) throws -> String {
    let bytes = try SmallFile.read(path: absolutePath, maximumBytes: 1 << 22)
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func files(below root: String, _ directory: String) throws -> [String] {
    var found: [String] = []
    for entry in try Directory.entries(path: "\(root)/\(directory)") {
      let path = directory.isEmpty ? entry.name : "\(directory)/\(entry.name)"
      switch entry.kind {
      case .regularFile where !isLeaving(entry.name): found.append(path)
      case .directory where !isLeaving(entry.name): found += try files(below: root, path)
      default: break
      }
    }
    return found
  }

  /// What git does not track; as in .gitignore.
  private static func isLeaving(_ name: String) -> Bool {
    name == ".git" || name.hasPrefix(".build") || name.hasSuffix(".swp")
      || name == "Package.resolved"
  }
}

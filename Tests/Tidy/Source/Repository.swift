// The repository on disk, as much of it as the rules look at: what its author wrote. Build products,
// editors' leavings and whatever git keeps for itself are not seen.

import CoherentSystem

/// All files of the repository that these tests belong to.
struct Repository {
  let root: String
  /// Relative to the root, sorted.
  let paths: [String]

  static let current = Result { try Repository() }

  /// Finds the root from the place of this file, which the compiler noted.
  private init() throws {
    // Tests/Tidy/Source/Repository.swift: four levels up.
    root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    paths = try Self.files(below: root, "").sorted()
  }

  /// What stands at the top, directories included.
  func topLevelNames() throws -> [String] {
    try Directory.names(path: root).filter { !$0.hasPrefix(".") }
  }

  func text(_ path: String) throws -> String {
    let bytes = try SmallFile.read(path: "\(root)/\(path)", maximumBytes: 1 << 22)
    return String(decoding: bytes, as: UTF8.self)
  }

  func has(_ path: String) -> Bool { SmallFile.exists(path: "\(root)/\(path)") }

  /// All Swift files, and the package's description.
  func swiftFiles() throws -> [SwiftFile] {
    try paths.filter { $0.hasSuffix(".swift") }
      .map { SwiftFile(path: $0, source: try text($0)) }
  }

  /// The names of the directories below Sources.
  func sourceModules() throws -> [String] { try Directory.names(path: "\(root)/Sources") }

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

// Directories: what is in them, and making and removing them.

import Glibc

/// Directories, by path.
package enum Directory {
  /// What an entry is, without following a link.
  package enum Kind: Equatable, Sendable {
    case regularFile
    case directory
    case other
  }

  package struct Entry: Equatable, Sendable {
    package let name: String
    package let kind: Kind
  }

  /// The names in a directory, sorted, without "." and "..": readdir(3). E2BIG where there are more
  /// than `maximumCount`.
  package static func names(
    path: String, maximumCount: Int = .max
  ) throws(SystemError) -> [String] {
    try entries(path: path, maximumCount: maximumCount).map(\.name)
  }

  /// The entries of a directory, sorted by name, without "." and "..": readdir(3), and lstat(2)
  /// where the file system does not say the kind. An entry that is gone meanwhile is `other`.
  package static func entries(
    path: String, maximumCount: Int = .max
  ) throws(SystemError) -> [Entry] {
    guard let stream = opendir(path) else { throw failure("opendir", errno, "of \(path)") }
    defer { closedir(stream) }
    var entries: [Entry] = []
    while true {
      errno = 0
      guard let record = readdir(stream) else { break }
      let name = withUnsafeBytes(of: &record.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name == "." || name == ".." { continue }
      if entries.count == maximumCount {
        throw SystemError(
          operation: "readdir", code: E2BIG, context: "of \(path), at most \(maximumCount) entries")
      }
      entries.append(
        Entry(name: name, kind: kind(of: Int(record.pointee.d_type), path: "\(path)/\(name)")))
    }
    if errno != 0 { throw failure("readdir", errno, "of \(path)") }
    return entries.sorted { $0.name < $1.name }
  }

  /// Makes a directory: mkdir(2). EEXIST when something is there.
  package static func create(path: String, mode: UInt32 = 0o755) throws(SystemError) {
    try checked("mkdir", "of \(path)") { mkdir(path, mode_t(mode)) }
  }

  /// Makes a directory with a name that nobody else has, below `parent`, for its owner only; its
  /// path: mkdtemp(3).
  package static func createTemporary(
    parent: String = "/tmp", prefix: String
  ) throws(SystemError) -> String {
    var template = Array("\(parent)/\(prefix)XXXXXX".utf8CString)
    if mkdtemp(&template) == nil { throw failure("mkdtemp", errno, "below \(parent)") }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Lets every user enter it, and see what is in it: chmod(2).
  package static func letEverybodyEnter(path: String) throws(SystemError) {
    try checked("chmod", "of \(path)") { chmod(path, 0o755) }
  }

  /// Removes a directory that is empty: rmdir(2).
  package static func removeEmpty(path: String) throws(SystemError) {
    try checked("rmdir", "of \(path)") { rmdir(path) }
  }

  private static func kind(of type: Int, path: String) -> Kind {
    if type == Int(DT_REG) { return .regularFile }
    if type == Int(DT_DIR) { return .directory }
    if type != Int(DT_UNKNOWN) { return .other }
    var status = stat()
    guard lstat(path, &status) == 0 else { return .other }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .regularFile
    case S_IFDIR: return .directory
    default: return .other
    }
  }
}

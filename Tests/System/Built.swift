// What the tests install and run: the repository's files, and programs that were built from them.

import CoherentSystem

enum Built {
  /// Where these tests lie, and with them what was built for debugging.
  static func debugDirectory() throws -> String {
    let tests = try Process.executablePath()
    return String(tests[..<tests.lastIndex(of: "/")!])
  }

  /// The programs to install: those that COHERENTD_PRODUCTS says, as Tests/run-tests.sh does when
  /// it has built them for release, else those beside these tests.
  static func products() throws -> String {
    if let given = Environment.get("COHERENTD_PRODUCTS"), !given.isEmpty { return given }
    return try debugDirectory()
  }

  /// Whether the programs to install need Swift's shared libraries.
  static func needsRuntime() throws -> Bool { try products() == debugDirectory() }

  /// The root of the repository, found from the place of this file.
  static let repository =
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  static func text(_ path: String) throws -> String {
    let bytes = try SmallFile.read(path: "\(repository)/\(path)", maximumBytes: 1 << 20)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The directory of Swift's shared libraries, of which these tests use one themselves: proc(5),
  /// /proc/self/maps.
  static func runtimeDirectory() throws -> String {
    let maps = try SmallFile.read(path: "/proc/self/maps", maximumBytes: 1 << 22)
    for line in String(decoding: maps, as: UTF8.self).split(separator: "\n")
    where line.hasSuffix("/libswiftCore.so") {
      guard let start = line.firstIndex(of: "/"), let end = line.lastIndex(of: "/") else { break }
      return String(line[start..<end])
    }
    throw TestFailure("these tests do not use libswiftCore.so")
  }
}

/// What the test cannot go on after.
struct TestFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

// A directory that install.sh installs below (DESTDIR), for one test.

import CoherentSystem
import Testing

final class Destination {
  let path: String

  private init() throws { path = try Directory.createTemporary(prefix: "coherentd-destination-") }

  static func with(_ body: (Destination) throws -> Void) throws {
    let destination = try Destination()
    defer { _ = try? ProgramRun(["rm", "-rf", destination.path]) }
    try body(destination)
  }

  /// Runs one of the two scripts for this directory.
  func run(_ script: String, _ arguments: [String], prefix: String? = nil) throws -> ProgramRun {
    var environment = ["DESTDIR=\(path)"]
    if let prefix { environment.append("PREFIX=\(prefix)") }
    return try ProgramRun(["sh", script] + arguments, environment: environment)
  }

  @discardableResult
  func install(prefix: String? = nil, options: [String] = []) throws -> String {
    let arguments = try Array(Sandbox.installArguments().dropFirst()) + options
    let run = try run(Sandbox.installer, arguments, prefix: prefix)
    guard run.isGood else { throw TestFailure(run.output) }
    return run.output
  }

  @discardableResult
  func uninstall(prefix: String? = nil, options: [String] = []) throws -> String {
    let run = try run(Sandbox.remover, options, prefix: prefix)
    guard run.isGood else { throw TestFailure(run.output) }
    return run.output
  }

  /// All that is no directory, without the directory's own path, sorted.
  func files() throws -> [String] {
    let run = try ProgramRun(["find", path, "!", "-type", "d", "-printf", "/%P\\n"])
    return run.output.split(separator: "\n").map(String.init).sorted()
  }

  func text(_ file: String) throws -> String {
    let bytes = try SmallFile.read(path: path + file, maximumBytes: 1 << 20)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Writes a file, with the directories that it is in.
  func write(_ file: String, _ text: String) throws {
    let directory = file[..<file.lastIndex(of: "/")!]
    #expect(try ProgramRun(["mkdir", "-p", path + directory]).isGood)
    try SmallFile.write(path: path + file, Array(text.utf8))
  }
}

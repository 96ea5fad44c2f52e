// Which way the layers point. The package's description says what a module may link; this says what
// its files may import, which also covers what is there without being asked for, as Glibc is.

enum ImportRule {
  /// For every module below Sources: what its files may import. What is pure imports nothing but
  /// what is pure.
  static let allowed: [String: Set<String>] = [
    "CCrypto": [],
    "CLinux": [],
    "CSystemd": [],
    "CoherentWire": [],
    "CoherentCore": ["CoherentWire"],
    "CoherentSystem": ["CLinux", "Glibc"],
    "CoherentShared": ["CoherentSystem", "Synchronization"],
    "CoherentControl": [
      "CoherentSystem", "CoherentWire", "FoundationEssentials", "Synchronization",
    ],
    "CoherentDaemon": [
      "CSystemd", "CoherentControl", "CoherentCore", "CoherentShared", "CoherentSystem",
      "CoherentWire", "Synchronization",
    ],
    "Coherent": ["CoherentShared", "CoherentSystem", "CoherentWire", "Synchronization"],
    "coherentd": ["CoherentDaemon", "CoherentSystem"],
    "coherentctl": [
      "ArgumentParser", "CSystemd", "CoherentControl", "CoherentSystem", "CoherentWire",
    ],
    "coherent-bench": [
      "ArgumentParser", "CCrypto", "Coherent", "CoherentControl", "CoherentCore", "CoherentShared",
      "CoherentSystem", "CoherentWire", "Synchronization",
    ],
  ]

  /// A file that may import one thing more, and why.
  struct Exception {
    let path: String
    let module: String
    let reason: String
  }

  static let exceptions = [
    Exception(
      path: "Sources/coherentctl/StoredDescriptors.swift", module: "Glibc",
      reason: "strings that libsystemd gives are freed by free(3)"),
    Exception(
      path: "Sources/CoherentDaemon/Configuration/ConfigurationLocation+Reading.swift",
      module: "Glibc", reason: "names the errno values that mean that a file is not there"),
    Exception(
      path: "Sources/CoherentDaemon/Systemd/Supervisor.swift",
      module: "Glibc", reason: "libsystemd's functions take what only C has"),
    Exception(
      path: "Sources/CoherentDaemon/Systemd/JournalSink.swift",
      module: "Glibc", reason: "libsystemd's functions take what only C has"),
  ]

  /// What a file of ours imports and its module may not. Tests import what they test.
  static func findings(in file: SwiftFile) -> [Finding] {
    guard let module = file.sourceModule else { return [] }
    guard let allowed = allowed[module] else {
      return [Finding(file.path, "module \(module) has no row in ImportRule.allowed")]
    }
    return file.imports.compactMap { imported, line in
      let isExcepted = exceptions.contains { $0.path == file.path && $0.module == imported }
      if allowed.contains(imported) || isExcepted { return nil }
      return Finding(file.path, line: line, "\(module) must not import \(imported)")
    }
  }

  /// Exceptions that nothing needs any more.
  static func idleExceptions(in files: [SwiftFile]) -> [Finding] {
    exceptions.filter { exception in
      let file = files.first { $0.path == exception.path }
      return file?.imports.contains { $0.module == exception.module } != true
    }
    .map { Finding($0.path, "the exception for \($0.module) is not needed any more") }
  }

  /// Only the client library has an outside.
  static func accessFindings(in file: SwiftFile) -> [Finding] {
    guard let module = file.sourceModule, module != "Coherent" else { return [] }
    return file.lines.enumerated().compactMap { index, line in
      let words = line.words
      let isOpen = words.starts(with: ["open", "class"])
      guard words.first == "public" || isOpen else { return nil }
      return Finding(file.path, line: index + 1, "`\(words[0])` outside of module Coherent")
    }
  }
}

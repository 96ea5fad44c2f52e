// Where files are searched, in what order, and what hides what; with real directories.

import Foundation
import Testing

@testable import CoherentDaemon

@Suite struct ConfigurationLocationTests {
  @Test func sortsDropInsByFileNameAndLetsTheEarlierDirectoryWin() {
    let paths = ConfigurationLocation.dropIns([
      ("/etc/d", ["60-a.conf", ".hidden.conf", "note.txt", "10-b.conf"]),
      ("/run/d", ["50-c.conf", "10-b.conf"]), ("/usr/lib/d", ["05-z.conf", "60-a.conf", "Z.conf"]),
    ])
    #expect(
      paths == [
        "/usr/lib/d/05-z.conf", "/etc/d/10-b.conf", "/run/d/50-c.conf", "/etc/d/60-a.conf",
        "/usr/lib/d/Z.conf",
      ])
  }

  @Test func searchesWhereSystemdSearches() {
    #expect(
      ConfigurationLocation.standard.mainFiles == [
        "/etc/coherentd/coherentd.conf", "/run/coherentd/coherentd.conf",
        "/usr/local/lib/coherentd/coherentd.conf", "/usr/lib/coherentd/coherentd.conf",
      ])
  }

  /// A directory tree of its own, removed at the end.
  private func withTree(
    _ files: [String: String], masks: [String] = [], _ body: (String) throws -> Void
  ) throws {
    let manager = FileManager.default
    let root = manager.temporaryDirectory.appendingPathComponent("coherentd-\(UUID().uuidString)")
    defer { try? manager.removeItem(at: root) }
    try manager.createDirectory(at: root, withIntermediateDirectories: true)
    for path in Array(files.keys) + masks {
      let url = root.appendingPathComponent(path)
      try manager.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      if let text = files[path] {
        try Data(text.utf8).write(to: url)
      } else {
        try manager.createSymbolicLink(atPath: url.path, withDestinationPath: "/dev/null")
      }
    }
    try body(root.path)
  }

  private func read(_ location: ConfigurationLocation) -> ConfigurationReading {
    location.read(pageSizeBytes: ConfigurationSample.pageSizeBytes)
  }

  @Test func readsTheFirstMainFileAndAllDropIns() throws {
    try withTree([
      "run/coherentd/coherentd.conf": "[Region]\nBlocks=2\n[Limits]\nSessions=2\n",
      "lib/coherentd/coherentd.conf": "[Region]\nBlocks=3\n[Log]\nLevel=debug\n",
      "lib/coherentd/coherentd.conf.d/10-a.conf": "[Region]\nBlocks=4\n",
      "etc/coherentd/coherentd.conf.d/05-b.conf": "[Region]\nBlocks=5\n",
    ]) { root in
      let reading = read(.searched(["\(root)/etc", "\(root)/run", "\(root)/lib"]))
      let configuration = try #require(reading.configuration)
      #expect(configuration.blocks == 4)
      #expect(configuration.maximumSessions == 2)
      #expect(configuration.logLevel == .info)
    }
  }

  @Test func masksByALinkToDevNull() throws {
    try withTree(
      [
        "lib/coherentd/coherentd.conf": "[Region]\nBlocks=3\n",
        "lib/coherentd/coherentd.conf.d/10-a.conf": "[Region]\nBlocks=4\n",
      ],
      masks: ["etc/coherentd/coherentd.conf", "etc/coherentd/coherentd.conf.d/10-a.conf"]
    ) { root in
      let reading = read(.searched(["\(root)/etc", "\(root)/lib"]))
      #expect(reading.configuration?.blocks == 8)
    }
  }

  @Test func readsExactlyTheNamedFileAndItsDropIns() throws {
    try withTree([
      "my.conf": "[Region]\nBlocks=2\n", "my.conf.d/1.conf": "[Log]\nLevel=error\n",
    ]) { root in
      let reading = read(.file("\(root)/my.conf"))
      #expect(reading.configuration?.blocks == 2)
      #expect(reading.configuration?.logLevel == .error)
      #expect(reading.setting(.logLevel).origin.description == "\(root)/my.conf.d/1.conf:2")
    }
  }

  @Test func refusesANamedFileThatIsMissingAndAFileThatIsADirectory() throws {
    try withTree(["my.conf.d/1.conf/x": "", "my.conf.d/2.conf": "[Region]\nBlocks=x\n"]) { root in
      let problems = read(.file("\(root)/my.conf")).problems.map(\.description)
      #expect(problems.count == 3)
      #expect(problems[0].hasPrefix("\(root)/my.conf: cannot be read: "))
      #expect(problems[1].hasPrefix("\(root)/my.conf.d/1.conf: cannot be read: "))
      #expect(problems[2].hasPrefix("\(root)/my.conf.d/2.conf:2: [Region] Blocks=x: "))
    }
  }

  @Test func refusesAFileThatIsTooLarge() throws {
    let text = String(repeating: "\n", count: ConfigurationSource.maximumBytes)
    try withTree(["good.conf": text, "bad.conf": text + "\n"]) { root in
      #expect(read(.file("\(root)/good.conf")).problems.isEmpty)
      #expect(read(.file("\(root)/bad.conf")).problems.count == 1)
    }
  }

  @Test func refusesWhatIsNoRegularFileAndReadsTheRest() throws {
    try withTree(["my.conf": "", "my.conf.d/9.conf": "[Region]\nBlocks=x\n"]) { root in
      try #require(mkfifo("\(root)/my.conf.d/1.conf", 0o600) == 0)
      try #require(symlink("/dev/zero", "\(root)/my.conf.d/2.conf") == 0)
      try #require(symlink("nothing", "\(root)/my.conf.d/3.conf") == 0)
      let problems = read(.file("\(root)/my.conf")).problems.map(\.description)
      try #require(problems.count == 4, "\(problems)")
      #expect(problems[0].contains("1.conf: cannot be read: "))
      #expect(problems[0].contains("a named pipe and no regular file"))
      #expect(problems[1].contains("2.conf: cannot be read: "))
      #expect(problems[1].contains("a device and no regular file"))
      #expect(problems[2].contains("3.conf: cannot be read: "))
      #expect(problems[3].contains("9.conf:2: "))
      try #require(mkfifo("\(root)/pipe.conf", 0o600) == 0)
      let main = read(.file("\(root)/pipe.conf")).problems.map(\.description)
      #expect(main.count == 1 && main[0].contains("a named pipe and no regular file"))
    }
  }

  @Test func refusesMoreThan16MiBOfAllFilesTogether() throws {
    let text = "#" + String(repeating: " ", count: ConfigurationSource.maximumBytes - 1)
    let names = (10..<10 + ConfigurationLocation.maximumTotalBytes / text.utf8.count).map {
      "my.conf.d/\($0).conf"
    }
    var files = Dictionary(uniqueKeysWithValues: names.map { ($0, text) })
    files["my.conf"] = ""
    try withTree(files) { root in #expect(read(.file("\(root)/my.conf")).problems.isEmpty) }
    files["my.conf"] = "\n"
    try withTree(files) { root in
      let problems = read(.file("\(root)/my.conf")).problems.map(\.description)
      #expect(problems.count == 1 && problems[0].contains("\(names.last!): cannot be read: "))
    }
  }

  @Test func refusesMoreThan256DropIns() throws {
    var files = ["a.conf": ""]
    for index in 0..<256 { files["a.conf.d/\(index).conf"] = "" }
    try withTree(files) { root in #expect(read(.file("\(root)/a.conf")).problems.isEmpty) }
    files["a.conf.d/256.conf"] = ""
    try withTree(files) { root in
      #expect(
        read(.file("\(root)/a.conf")).problems.map(\.description) == [
          "\(root)/a.conf.d: 257 drop-ins: expected at most 256"
        ])
    }
  }
}

// The catalog that explains the daemon's messages, against the table of the kinds of events.

import CoherentSystem
import Foundation
import Testing

@testable import CoherentDaemon

@Suite struct CatalogTests {
  private static let path = "systemd/coherentd.catalog"

  private func catalog() throws -> CatalogFile {
    CatalogFile(try ConfigurationSample.repositoryFile(Self.path))
  }

  @Test func hasAWellFormedEntryForEveryKindAndNoOther() throws {
    let catalog = try catalog()
    #expect(catalog.problems.isEmpty, "\(catalog.problems)")
    #expect(catalog.entries.map(\.messageID) == EventKind.allCases.map(\.messageID))
    for entry in catalog.entries {
      #expect(entry.header["Subject"]?.isEmpty == false, "\(entry.messageID)")
      #expect(entry.header["Defined-By"] == "coherentd", "\(entry.messageID)")
      #expect(entry.header["Documentation"]?.hasPrefix("man:") == true, "\(entry.messageID)")
      #expect(entry.text.contains { !$0.isEmpty }, "\(entry.messageID)")
    }
  }

  @Test(arguments: EventKind.allCases)
  func namesOnlyFieldsThatTheKindCarries(_ kind: EventKind) throws {
    let entry = try #require(try catalog().entries.first { $0.messageID == kind.messageID })
    #expect(entry.fields.isSubset(of: kind.fields.map(\.rawValue)), "\(kind)")
    #expect(!entry.fields.isEmpty, "\(kind)")
  }

  @Test func theJournalsOwnReaderTakesEveryEntry() throws {
    guard SmallFile.exists(path: "/usr/bin/journalctl") else {
      print("skipped: this machine has no journalctl")
      return
    }
    let root = try Directory.createTemporary(prefix: "coherentd-catalog-")
    defer { try? FileManager.default.removeItem(atPath: root) }
    let directory = "\(root)/usr/lib/systemd/catalog"
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    let text = try ConfigurationSample.repositoryFile(Self.path)
    try SmallFile.write(path: "\(directory)/coherentd.catalog", Array(text.utf8))
    let update = try journalctl(root, "--update-catalog")
    #expect(update.status == 0, "\(update.output)")
    #expect(!update.output.contains("Failed"), "\(update.output)")
    let list = try journalctl(root, "--list-catalog")
    let listed = list.output.split(separator: "\n").map { String($0.prefix { $0 != " " }) }
    #expect(Set(listed) == Set(EventKind.allCases.map(\.messageID)), "\(list.output)")
  }

  private func journalctl(
    _ root: String, _ argument: String
  ) throws -> (status: Int32, output: String) {
    let process = Foundation.Process()
    let pipe = Foundation.Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/journalctl")
    process.arguments = ["--root=\(root)", argument]
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}

// The shipped file and the page for people, against the table.

import CoherentDaemon
import Foundation
import Testing

@Suite struct ConfigurationPagesTests {
  @Test func shipsAFileWithEveryKeyItsDefaultItsUnitAndItsRange() throws {
    let shipped = try ConfigurationSample.repositoryFile("config/coherentd.conf")
    #expect(shipped == ConfigurationSample.shippedFile())
  }

  @Test func shipsAFileThatChangesNothing() throws {
    let shipped = try ConfigurationSample.repositoryFile("config/coherentd.conf")
    let reading = ConfigurationSample.read(shipped)
    #expect(reading.problems.isEmpty)
    #expect(reading.settings == ConfigurationSample.read().settings)
  }

  @Test func shipsAFileWhoseLinesAreGoodOnceTheCommentSignsAreRemoved() throws {
    let shipped = try ConfigurationSample.repositoryFile("config/coherentd.conf")
    let lines = shipped.split(separator: "\n").map { line in
      line.hasPrefix("#") && !line.hasPrefix("# ") ? line.dropFirst() : line
    }
    let reading = ConfigurationSample.read(lines.joined(separator: "\n"))
    #expect(reading.problems.isEmpty)
    #expect(reading.settings.map(\.value) == ConfigurationSample.read().settings.map(\.value))
  }

  @Test(arguments: ConfigurationKey.allCases)
  func explainsTheKeyOnThePageForPeople(_ key: ConfigurationKey) throws {
    let page = try ConfigurationSample.repositoryFile("config/CONFIGURATION.md")
    let row = key.row
    let start = try #require(page.range(of: "### [\(row.section)]\n")).upperBound
    let end = page[start...].range(of: "\n### ")?.lowerBound ?? page.endIndex
    let value = row.defaultValue.render()
    let shown = value.isEmpty ? "empty" : "`\(value)`"
    let beginning =
      "| `\(row.name)` | \(shown) | \(row.kind.expectation) | \(row.unit) "
      + "| \(row.canReload ? "yes" : "no") |"
    #expect(page[start..<end].contains(beginning), "\(beginning)")
  }
}

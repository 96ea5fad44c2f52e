// What a reload takes, what it leaves until the next start, and that it is all or nothing.

import CoherentCore
import Testing

@testable import CoherentDaemon

@Suite struct ConfigurationReloadTests {
  private func reload(_ old: String, _ new: String) -> ConfigurationReload {
    ConfigurationReload(
      inEffect: ConfigurationSample.read(old), files: ConfigurationSample.read(new),
      pageSizeBytes: ConfigurationSample.pageSizeBytes)
  }

  @Test func whatCanChangeChangesAndTheRestWaits() throws {
    let reload = reload(
      "[Region]\nBlocks=4\n[Limits]\nSessions=5\n",
      "[Region]\nBlocks=2\n[Limits]\nSessions=6\n[Log]\nLevel=debug\n")
    guard case .accepted(let reading, let changed, let waiting) = reload else {
      Issue.record("refused: \(reload)")
      return
    }
    let configuration = try #require(reading.configuration)
    #expect(configuration.blocks == 4)
    #expect(configuration.maximumSessions == 6 && configuration.logLevel == .debug)
    #expect(changed.map(\.name) == ["[Limits] Sessions", "[Log] Level"])
    #expect(waiting.map(\.name) == ["[Region] Blocks"])
    #expect(waiting[0].new.origin == .file(path: "f1.conf", line: 2))
    #expect(reading.setting(.blocks).value == .count(4))
  }

  // Huge pages fit to one size of a frame only, so they cannot change alone.
  @Test(arguments: ConfigurationKey.allCases.filter { $0 != .hugePages })
  func whatWaitsKeepsItsValueAndWhatChangesHasTheNewOne(_ key: ConfigurationKey) throws {
    let row = key.row
    let texts: [ConfigurationKey: String] = [
      .blockSize: "256M", .blocks: "9", .frameSize: "128K", .oversubscribe: "no",
      .arenaSize: "1G", .logLevel: "debug", .passDevice: "yes", .hostLimit: "1G",
      .evictionRun: "1M", .pressureMin: "1%", .pressureLow: "6%", .pressureHigh: "20%",
      .clientSocket: "/run/a", .controlSocket: "/run/b", .clientGroup: "a", .controlGroup: "b",
      .clientMode: "0600", .controlMode: "0600", .leaseDefault: "90ms", .leaseMaximum: "9s",
      .unaccountedMemory: "1M",
    ]
    let text = texts[key] ?? (row.unit == "time" ? "5s" : "17")
    let reload = reload("", "[\(row.section)]\n\(row.name)=\(text)\n")
    guard case .accepted(let reading, let changed, let waiting) = reload else {
      Issue.record("refused: \(reload)")
      return
    }
    let wanted = try #require(row.kind.value(of: text[...]))
    #expect(reading.setting(key).value == (row.canReload ? wanted : row.defaultValue))
    #expect(changed.map(\.new.key) == (row.canReload ? [key] : []))
    #expect(waiting.map(\.new.key) == (row.canReload ? [] : [key]))
  }

  @Test func hugePagesWaitTogetherWithTheirFrames() {
    guard
      case .accepted(let reading, let changed, let waiting) = reload(
        "", "[Region]\nFrameSize=2M\nHugePages=2M\n")
    else {
      Issue.record("refused")
      return
    }
    #expect(changed.isEmpty && waiting.map(\.new.key) == [.frameSize, .hugePages])
    #expect(reading.setting(.hugePages).value == .hugePages(.no))
  }

  @Test func anyMistakeLeavesEverythingAsItWas() {
    guard case .refused(let problems) = reload("", "[Limits]\nSessions=5\nPinsPerSession=many\n")
    else {
      Issue.record("accepted")
      return
    }
    #expect(problems.map(\.line) == [3])
  }

  @Test func whatDoesNotFitToAValueThatStaysIsRefused() {
    guard
      case .refused(let problems) = reload(
        "", "[Region]\nFrameSize=4K\n[Pressure]\nEvictionRun=4K\n")
    else {
      Issue.record("accepted")
      return
    }
    #expect(
      problems.map(\.description) == [
        "f1.conf:4: [Pressure] EvictionRun=4K: expected EvictionRun to be a multiple of FrameSize; "
          + "[Region] FrameSize=64K from default, as long as nothing is restarted"
      ])
  }

  @Test func theSameFilesChangeNothing() {
    let text = "[Region]\nBlocks=4\n[Limits]\nSessions=5\n"
    guard case .accepted(_, let changed, let waiting) = reload(text, text) else {
      Issue.record("refused")
      return
    }
    #expect(changed.isEmpty && waiting.isEmpty)
  }

  @Test func whatCanBeReloadedLeavesTheShapeOfTheCore() throws {
    let text = ConfigurationTable.rows.filter(\.canReload)
      .map { "[\($0.section)]\n\($0.name)=\($0.defaultValue.render())\n" }.joined()
    let old = try #require(ConfigurationSample.read(text).configuration)
    let new = try #require(
      ConfigurationSample.read("[Host]\nLimit=7%\n[Pressure]\nEvictionRun=64K\n").configuration)
    #expect(CoreConfiguration(old).hasSameShape(as: CoreConfiguration(new)))
  }
}

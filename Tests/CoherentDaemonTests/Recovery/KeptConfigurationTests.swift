// The configuration beside data that is kept: its sizes stay, the rest applies, and there always is
// one to go on with.

import Testing

@testable import CoherentDaemon

struct KeptConfigurationTests {
  private func reading(_ text: String) -> ConfigurationReading {
    ConfigurationReading(
      sources: [ConfigurationSource(path: "conf", bytes: Array(text.utf8))], pageSizeBytes: 4096)
  }

  private static let small =
    "[Region]\nBlockSize=2M\nBlocks=2\nMaximumBlocks=2\nFrameSize=4K\n[Arena]\nSize=64M\n"

  @Test func whatTheDataWasMadeWithStaysAndIsSaid() throws {
    let before = try #require(reading(Self.small).configuration)
    let kept = reading("[Region]\nMaximumBlocks=15\n[Limits]\nSessions=9\n").keeping(
      RegionGeometry(before), blocks: before.blocks, pageSizeBytes: 4096)
    let now = try #require(kept.reading.configuration)
    #expect(RegionGeometry(now) == RegionGeometry(before))
    #expect(now.maximumSessions == 9)
    #expect(kept.sentences.contains { $0.contains("[Region] MaximumBlocks stays at 2") })
    #expect(kept.sentences.contains { $0.contains("conf:2 says 15") })
  }

  @Test func theSameConfigurationHasNothingToSay() throws {
    let before = reading(Self.small)
    let kept = before.keeping(
      RegionGeometry(try #require(before.configuration)), blocks: 2, pageSizeBytes: 4096)
    #expect(kept.sentences == [])
    #expect(kept.reading.configuration == before.configuration)
  }

  @Test func whatDoesNotFitToTheDataIsLeftOut() throws {
    let before = try #require(
      reading("[Region]\nFrameSize=1M\n[Pressure]\nEvictionRun=4M\n").configuration)
    let kept = reading("[Region]\nFrameSize=4K\n[Pressure]\nEvictionRun=96K\n").keeping(
      RegionGeometry(before), blocks: before.blocks, pageSizeBytes: 4096)
    let now = try #require(kept.reading.configuration)
    #expect(now.frameSizeBytes == 1 << 20 && now.evictionRunBytes % now.frameSizeBytes == 0)
  }

  /// A device of small frames cannot come to be of huge pages while data is kept.
  @Test func hugePagesWaitForACleanStart() throws {
    let before = try #require(reading(Self.small).configuration)
    let kept = reading(Self.small + "[Region]\nFrameSize=2M\nHugePages=2M\n").keeping(
      RegionGeometry(before), blocks: before.blocks, pageSizeBytes: 4096)
    let now = try #require(kept.reading.configuration)
    #expect(now.frameSizeBytes == 4096 && now.hugePages == .no)
    #expect(kept.sentences.contains { $0.contains("[Region] HugePages stays at no") })
  }

  @Test(arguments: [
    "[Limits]\nSessions=few\n", "[Lease]\nDefault=1s\n", "nonsense\n",
    "[Pressure]\nEvictionRun=63\n", "[Leases]\nDefault=30m\nMaximum=1 fortnight\n",
    "[Region]\nFrameSize=3K\nBlocks=none\n", "[Sockets]\nClient=\nControl=/\u{0}\n",
  ])
  func mistakesAreLeftOutAndTheRestApplies(_ mistakes: String) throws {
    let before = try #require(reading(Self.small).configuration)
    let bad = reading(Self.small + "[Limits]\nPinsPerSession=77\n" + mistakes)
    #expect(!bad.problems.isEmpty)
    let kept = bad.keeping(RegionGeometry(before), blocks: before.blocks, pageSizeBytes: 4096)
    let now = try #require(kept.reading.configuration)
    #expect(RegionGeometry(now) == RegionGeometry(before))
    #expect(now.maximumPinsPerSession == 77)
  }
}

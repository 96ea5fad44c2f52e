// The configuration of a daemon of our own, and where it runs.

import Testing

@testable import coherent_bench

struct DaemonPlanTests {
  @Test(
    arguments: [
      (4 << 20, true), (6 << 20, true), (256 << 20, true), (1 << 40, false), (0, false),
      (2 << 20, false), ((4 << 20) + 1, false), (5 << 20, false),
    ] as [(UInt64, Bool)])
  func deviceIsAMultipleOfABlock(bytes: UInt64, isAccepted: Bool) {
    #expect(DaemonPlan.accepts(deviceBytes: bytes) == isAccepted)
  }

  @Test func blocksAddUpToTheDevice() {
    let text = DaemonPlan(deviceBytes: 192 << 20)
      .configuration(socketPath: "/s", controlPath: "/c")
    #expect(text.contains("BlockSize=\(64 << 20)\nBlocks=3\n"))
    #expect(text.contains("Client=/s\nControl=/c\n"))
  }

  @Test func hugePagesComeWithFramesAsLarge() {
    var plan = DaemonPlan(deviceBytes: 192 << 20)
    #expect(plan.configuration(socketPath: "/s", controlPath: "/c").contains("HugePages=no\n"))
    plan.useHugePages()
    let text = plan.configuration(socketPath: "/s", controlPath: "/c")
    #expect(text.contains("FrameSize=\(2 << 20)\nHugePages=2M\n"))
  }

  @Test func oneProcessorHasOnePlacement() {
    #expect(Placement.all(processors: [3]).map(\.label) == ["same core"])
    #expect(Placement.shares(processors: [3]).map(\.label) == ["daemon on one core"])
  }

  @Test func twoProcessorsHaveTwo() {
    let placements = Placement.all(processors: [0, 5])
    #expect(placements.map(\.label) == ["same core", "across cores"])
    #expect(placements.map(\.server) == [[0], [5]])
    #expect(Placement.shares(processors: [0, 5]).map(\.server) == [[5], [0, 5]])
  }

  @Test(
    arguments: [
      ("64M", 64 << 20), ("1GiB", 1 << 30), ("4096", 4096), ("2K", 2048),
      ("0", nil), ("-1", nil), ("1.5G", nil), ("99999999999T", nil), ("M", nil), ("", nil),
    ] as [(String, UInt64?)])
  func sizesAreReadAsInTheConfiguration(text: String, bytes: UInt64?) {
    #expect(SizeArgument(argument: text)?.bytes == bytes)
  }
}

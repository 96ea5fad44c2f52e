// The limit of evicted data against the memory that there is.

import CoherentDaemon
import CoherentSystem
import Testing

@Suite struct HostLimitTests {
  private static let gibibyte: UInt64 = 1 << 30
  private static let memory = HostMemory(bounds: [
    .init(group: nil, totalBytes: 24 * gibibyte, availableBytes: 20 * gibibyte),
    .init(group: "/system.slice/x", totalBytes: gibibyte, availableBytes: gibibyte),
  ])

  private func problems(_ text: String, _ memory: HostMemory = Self.memory) -> [String] {
    var reading = ConfigurationSample.read(text)
    reading.check(memory)
    return reading.problems.map(\.description)
  }

  @Test func whatNoGroupCouldHoldIsAMistakeWithBothNumbers() {
    #expect(
      problems("[Host]\nLimit=200G") == [
        "f1.conf:2: [Host] Limit=200G: expected at most 1 GiB, which is all the memory of control "
          + "group /system.slice/x; these are 200 GiB"
      ])
    let machine = HostMemory(bounds: [Self.memory.bounds[0]])
    #expect(problems("[Host]\nLimit=24G", machine).isEmpty)
    #expect(
      problems("[Host]\nLimit=25G", machine) == [
        "f1.conf:2: [Host] Limit=25G: expected at most 24 GiB, which is all the memory of this "
          + "machine; these are 25 GiB"
      ])
  }

  @Test func aShareOfTheRegionIsMeasuredInBytes() {
    let text = "[Region]\nBlockSize=256M\nBlocks=4\n[Host]\nLimit="
    #expect(problems(text + "100%").isEmpty)
    #expect(problems(text + "101%").count == 1)
  }

  @Test func theDefaultIsNobodysClaim() {
    #expect(problems("").isEmpty)
    #expect(problems("[Host]\nLimit=200G\nLimit=").isEmpty)
  }
}

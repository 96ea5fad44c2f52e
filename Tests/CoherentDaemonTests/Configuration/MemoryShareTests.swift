// Shares of memory: percentages and sizes.

import CoherentDaemon
import Testing

@Suite struct MemoryShareTests {
  @Test(arguments: [
    ("0%", 0), ("2%", 200), ("2.5%", 250), ("2.05%", 205), ("2.50%", 250), ("100%", 10_000),
    ("400%", 40_000),
  ])
  func readsPercentagesToTheHundredth(_ text: String, _ hundredths: UInt64) {
    #expect(MemoryShare.parse(text[...]) == .hundredthsOfPercent(hundredths))
  }

  @Test func readsSizes() {
    #expect(MemoryShare.parse("16M") == .bytes(16 << 20))
  }

  @Test(arguments: [
    "", "%", ".5%", "2.%", "2.555%", "-1%", "2,5%", "2 %", "5%%", "18446744073709551615%",
    "184467440737095516.16%", "2.5", "2x5%",
  ])
  func refusesWhatIsNeither(_ text: String) {
    #expect(MemoryShare.parse(text[...]) == nil)
  }

  @Test(arguments: [
    ("5%", "5%"), ("2.50%", "2.5%"), ("2.05%", "2.05%"), ("2.55%", "2.55%"), ("1024K", "1M"),
  ])
  func writesTheShortestExactText(_ text: String, _ rendered: String) {
    #expect(MemoryShare.parse(text[...])?.render() == rendered)
  }

  @Test func takesPercentagesOfATotalRoundedDown() {
    #expect(MemoryShare.hundredthsOfPercent(250).bytes(ofTotalBytes: 1 << 30) == 26_843_545)
    #expect(MemoryShare.hundredthsOfPercent(40_000).bytes(ofTotalBytes: 1 << 30) == 4 << 30)
    #expect(MemoryShare.hundredthsOfPercent(10_000).bytes(ofTotalBytes: .max) == .max)
    #expect(MemoryShare.bytes(7).bytes(ofTotalBytes: 3) == 7)
  }

  @Test func neverOverflows() {
    #expect(MemoryShare.hundredthsOfPercent(10_001).bytes(ofTotalBytes: .max) == .max)
    #expect(MemoryShare.hundredthsOfPercent(.max).bytes(ofTotalBytes: .max) == .max)
    #expect(MemoryShare.hundredthsOfPercent(.max).bytes(ofTotalBytes: 0) == 0)
  }
}

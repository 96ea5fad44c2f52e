// Sizes as administrators write them.

import CoherentWire
import Testing

@Suite struct SizeTextTests {
  @Test(arguments: [
    ("0", 0), ("4096", 4096), ("64K", 65_536), ("128M", 134_217_728), ("4G", 4_294_967_296),
    ("1T", 1_099_511_627_776), ("007", 7), ("18446744073709551615", UInt64.max),
    ("16777215T", 16_777_215 << 40), ("64k", 65_536), ("64KiB", 65_536), ("64kib", 65_536),
    ("4g", 4 << 30), ("12B", 12), ("2TiB", 2 << 40), ("3MIB", 3 << 20),
  ])
  func readsPlainBytesAndSuffixesOfBase1024(_ text: String, _ bytes: UInt64) {
    #expect(SizeText.parse(text[...]) == bytes)
  }

  @Test(arguments: [
    "", "K", "-1", "+1", "1.5G", "4 G", "4GB", "4Ki", "4BB", "4P", "KiB", "4KiBB", "0x10", "1e3",
    "４K", " 4K",
    "18446744073709551616", "16777216T", "99999999999999999999999999999G", "4K\u{301}",
  ])
  func refusesWhatIsNoSizeOrDoesNotFit(_ text: String) {
    #expect(SizeText.parse(text[...]) == nil)
  }

  @Test(arguments: [
    (0, "0"), (1, "1"), (1023, "1023"), (1024, "1K"), (1536, "1536"), (65_536, "64K"),
    (1 << 40, "1T"), (UInt64.max, "18446744073709551615"),
  ])
  func writesTheShortestExactText(_ bytes: UInt64, _ text: String) {
    #expect(SizeText.render(bytes) == text)
  }
}

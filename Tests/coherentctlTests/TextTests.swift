// Sizes and times as people write and read them, and options before the command. What is not a size
// or a time is refused, and text from elsewhere never reaches the terminal as a command to it.

import CoherentControl
import CoherentWire
import Testing

@testable import coherentctl

@Suite struct TextTests {
  @Test(arguments: [
    (0, "0 B"), (1, "1 B"), (1023, "1023 B"), (1024, "1 KiB"), (1025, "1 KiB"), (1536, "1.5 KiB"),
    (65536, "64 KiB"), (1_048_575, "1 MiB"), (1_048_576, "1 MiB"), (1_073_689_395, "1023.9 MiB"),
    (1_073_741_823, "1 GiB"), (4 << 30, "4 GiB"), (UInt64(3) << 59, "1.5 EiB"),
    (UInt64.max, "16 EiB"),
  ])
  func sizesForPeople(bytes: UInt64, text: String) {
    #expect(ByteText.prose(bytes) == text)
    #expect(ByteText.word(bytes) == text.filter { $0 != " " })
  }

  @Test func everySizeIsShownWithinATwentiethOfItself() {
    let factor: [Substring: Double] = [
      "B": 1, "KiB": 0x1p10, "MiB": 0x1p20, "GiB": 0x1p30, "TiB": 0x1p40, "PiB": 0x1p50,
      "EiB": 0x1p60,
    ]
    var bytes: UInt64 = 1
    while bytes < UInt64.max / 3 {
      for near in [bytes - 1, bytes, bytes + 1] {
        let parts = ByteText.prose(near).split(separator: " ")
        let shown = Double(parts[0])! * factor[parts[1]]!
        #expect(abs(shown - Double(near)) <= Double(near) / 20)
        #expect(Double(parts[0])! < 1024)
      }
      bytes = bytes * 3 / 2 + 1
    }
  }

  @Test(arguments: [
    (0, "0ms"), (999, "999ms"), (1000, "1s"), (61_000, "1min 1s"), (3_600_000, "1h"),
    (3_601_000, "1h"), (3_660_000, "1h 1min"), (90_061_000, "1d 1h"), (86_400_000, "1d"),
  ])
  func timesForPeople(milliseconds: UInt64, text: String) {
    #expect(DurationText.plain(milliseconds) == text)
  }

  /// Of a moment in 2023; the times of day are of a machine in any zone.
  @Test func readsMoments() throws {
    let now: UInt64 = 1_700_000_000_123_456
    func moment(_ text: String) -> UInt64? {
      MomentArgument(text, nowMicroseconds: now)?.microseconds
    }
    #expect(moment("@1700000000") == 1_700_000_000_000_000)
    #expect(moment("90s") == now - 90_000_000 && moment("90") == now - 90_000_000)
    #expect(moment("10min") == now - 600_000_000 && moment("2h") == now - 7_200_000_000)
    #expect(moment("3d") == now - 259_200_000_000 && moment("99999d") == 0)
    let whole = try #require(moment("2023-11-14 20:13:20"))
    #expect(moment("2023-11-14 20:13") == whole - 20_000_000)
    #expect(moment("2023-11-14") == whole - (20 * 3600 + 13 * 60 + 20) * 1_000_000)
    #expect(try #require(moment("20:13:20")) % 20_000_000 == 0)
    for text in [
      "", "@", "@x", "-1h", "1.5h", "10 min", "25:00", "12:61", "2023-02-30", "2023-13-01", ":",
      "12:00 2023-11-14", "2023-11-14 12:00 x", "1h30", "99999999999999999999d",
      "@99999999999999999",
    ] {
      #expect(moment(text) == nil, "\(text)")
    }
  }

  @Test(arguments: [
    ("0", 0), ("7", 7), ("7B", 7), ("64K", 65536), ("64KiB", 65536), ("64M", 64 << 20),
    ("64m", 64 << 20), ("64kib", 65536), ("2G", 2 << 30), ("1T", 1 << 40),
    ("18446744073709551615", UInt64.max),
  ])
  func readsSizes(argument: String, bytes: UInt64) {
    #expect(SizeArgument(argument: argument)?.bytes == bytes)
  }

  @Test(arguments: [
    "", "M", "-1", "+1", "1.5G", "1 G", " 1", "64MB", "18446744073709551616", "16777216T",
    "0x10", "٣",
  ])
  func refusesOtherSizes(argument: String) {
    #expect(SizeArgument(argument: argument) == nil)
  }

  @Test(arguments: [
    ("0", 0), ("10", 10_000), ("10s", 10_000), ("250ms", 250), ("2min", 120_000),
    ("600s", 600_000), ("10min", 600_000),
  ])
  func readsTimes(argument: String, milliseconds: UInt32) {
    #expect(DurationArgument(argument: argument)?.milliseconds == milliseconds)
  }

  @Test(arguments: [
    "", "s", "-1s", "1.5s", "1h", "601s", "600001ms", "1 s", "18446744073709551615",
  ])
  func refusesOtherTimes(argument: String) {
    #expect(DurationArgument(argument: argument) == nil)
  }

  @Test func movesCallOptionsBehindTheCommand() {
    let cases: [([String], [String])] = [
      ([], []), (["status"], ["status"]), (["--json"], ["--json"]),
      (["--json", "sessions"], ["sessions", "--json"]),
      (
        ["--socket", "/x", "-j", "evict", "--all"],
        ["evict", "--socket", "/x", "-j", "--all"]
      ),
      (["--socket=/x", "evict", "--all"], ["evict", "--socket=/x", "--all"]),
      (["--socket"], ["--socket"]), (["--socket", "x"], ["--socket", "x"]),
      (["--json", "--help"], ["--json", "--help"]),
      (["--unknown", "status"], ["--unknown", "status"]),
      (["--json", "block", "list"], ["block", "list", "--json"]),
      (
        ["-j", "block", "--socket", "/x", "online", "1"],
        ["block", "online", "-j", "--socket", "/x", "1"]
      ),
      (["block", "--json"], ["block", "--json"]),
    ]
    for (given, expected) in cases { #expect(ArgumentOrder.verbFirst(given) == expected) }
  }

  @Test func foreignTextCannotSteerTheTerminal() {
    #expect(Printable.text("a\u{1B}[2Jb\r\n\u{7F}\u{9B}c\u{202E}d") == "a?[2Jb????c?d")
    #expect(Printable.text("größe 数") == "größe 数")
  }

  @Test(arguments: [
    (0, "0"), (0.04, "0"), (0.3, "0.3"), (9.94, "9.9"), (9.95, "10"), (9999, "9999"),
    (9999.5, "10.0k"), (12_345, "12.3k"), (99_960, "100k"), (999_400, "999k"),
    (999_500, "1.0M"), (1e9, "1.0G"), (1e13, "10.0T"), (-1, "0"), (.nan, "0"), (.infinity, "0"),
  ])
  func countsInFiveCharacters(value: Double, text: String) {
    #expect(CountText.short(value) == text)
  }

  @Test func shortSizesAndCountsNeverTakeMoreThanTheirRoom() {
    var value: UInt64 = 0
    while value < .max / 2 {
      #expect(ByteText.short(value).count <= 5, "\(value)")
      #expect(CountText.short(Double(value)).count <= 5, "\(value)")
      value += value / 4 + 1
    }
    #expect(ByteText.short(.max).count <= 5 && CountText.short(1e300).count <= 5)
  }

  @Test(arguments: [
    (0, "0B"), (1023, "1023B"), (1024, "1K"), (1536, "1.5K"), (10_240, "10K"),
    (1_048_575, "1023K"), (3 << 30, "3G"), (1 << 60, "1E"),
  ])
  func sizesInFiveCharacters(bytes: UInt64, text: String) {
    #expect(ByteText.short(bytes) == text)
  }

  @Test(arguments: [(0, "0ms"), (999, "999ms"), (1000, "1s"), (1001, "2s"), (60_001, "1min 1s")])
  func aBoundIsNeverShownAsLess(milliseconds: UInt64, text: String) {
    #expect(DurationText.bound(milliseconds) == text)
    #expect(!DurationText.bound(.max).isEmpty)
  }

  @Test(arguments: [
    (0, "0.00", "0.0"), (12.345, "12.35", "12.3"), (0.05, "0.05", "0.1"), (100, "100.00", "100.0"),
    (-3, "0.00", "0.0"), (.nan, "0.00", "0.0"),
  ])
  func decimalsAreFixed(value: Double, hundredths: String, tenths: String) {
    #expect(DecimalText.hundredths(value) == hundredths)
    #expect(DecimalText.tenths(value) == tenths)
    #expect(DecimalText.tenths(.infinity) == "1000000000000000.0")
  }

  @Test(arguments: [
    ("7", [7]), ("2-5", [2, 3, 4, 5]), ("3-3", [3]), ("65535", [65_535]), ("007", [7]),
  ])
  func readsBlocks(argument: String, numbers: [Int]) throws {
    let selection = try #require(BlockSelection(argument: argument))
    #expect(BlockSelection.named([selection, selection]) == numbers)
    #expect(BlockSelection(argument: "all") == .all)
  }

  @Test(arguments: ["", "-", "-1", "1-", "5-2", "1-2-3", "a", "ALL", "65536", "1,2", " 1", "+1"])
  func refusesOtherBlocks(argument: String) {
    #expect(BlockSelection(argument: argument) == nil)
  }

  @Test(arguments: [
    ([], "no block"), ([4], "block 4"), ([0, 1], "blocks 0-1"), ([7, 2, 3, 4], "blocks 2-4, 7"),
  ])
  func blocksAreNamedAsRanges(_ blocks: [Int], _ text: String) {
    #expect(BlockNames.text(blocks) == text)
  }

  @Test func manyRangesOfBlocksAreCounted() {
    let text = BlockNames.text(Array(stride(from: 0, to: 100, by: 2)))
    #expect(text.hasPrefix("blocks 0, 2, 4") && text.hasSuffix("30, and 34 more"))
  }

  @Test func theProgressOfGoingOfflineFitsAnyWidth() {
    var block = BlockReport(block: 3)
    block.leftBytes = 48 << 20
    block.remainingMilliseconds = 42_000
    block.pinnedUntilMilliseconds = 1500
    block.holders = [
      PinHolderReport(session: SessionID(rawValue: 1), process: 4711, frames: 16)
    ]
    #expect(
      OfflineText.progress([block], columns: 79)
        == "48 MiB left in block 3, gives up in 42s; process 4711 pins some, 2s at most")
    #expect(OfflineText.progress([block], columns: 60).hasSuffix("block 3, gives up in 42s"))
    #expect(OfflineText.progress([block], columns: 25) == "48 MiB left in block 3")
    for columns in 1...120 {
      #expect(OfflineText.progress([block], columns: columns).count <= columns)
    }
  }

  @Test func whatIsTooLongIsCutWithAMark() {
    let style = Style()
    #expect(ClippedText.text("abcdef", width: 6, style) == "abcdef")
    #expect(ClippedText.text("abcdef", width: 4, style) == "abc+")
    #expect(ClippedText.text("abcdef", width: 4, Style(usesUnicode: true)) == "abc…")
    #expect(ClippedText.text("abcdef", width: 1, style) == "a")
    #expect(ClippedText.text("abcdef", width: 0, style) == "")
  }
}

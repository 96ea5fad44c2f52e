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

  @Test(arguments: [
    ("0", 0), ("7", 7), ("7B", 7), ("64K", 65536), ("64KiB", 65536), ("64M", 64 << 20),
    ("2G", 2 << 30), ("1T", 1 << 40), ("18446744073709551615", UInt64.max),
  ])
  func readsSizes(argument: String, bytes: UInt64) {
    #expect(SizeArgument(argument: argument)?.bytes == bytes)
  }

  @Test(arguments: [
    "", "M", "-1", "+1", "1.5G", "1 G", " 1", "64m", "64MB", "18446744073709551616", "16777216T",
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
    ]
    for (given, expected) in cases { #expect(ArgumentOrder.verbFirst(given) == expected) }
  }

  @Test func foreignTextCannotSteerTheTerminal() {
    #expect(Printable.text("a\u{1B}[2Jb\r\n\u{7F}\u{9B}c\u{202E}d") == "a?[2Jb????c?d")
    #expect(Printable.text("größe 数") == "größe 数")
  }
}

// Times as systemd writes them.

import CoherentDaemon
import Testing

@Suite struct TimeTextTests {
  @Test(arguments: [
    ("5s", 5_000), ("100ms", 100), ("1min 30s", 90_000), ("1min30s", 90_000), ("2", 2_000),
    ("0", 0), ("1h", 3_600_000), ("1 h 1 ms", 3_600_001), ("3m", 180_000), ("1s 1s", 2_000),
    ("18446744073709551615ms", UInt64.max),
  ])
  func addsUpNumbersWithUnits(_ text: String, _ milliseconds: UInt64) {
    #expect(TimeText.parse(text[...]) == milliseconds)
  }

  @Test(arguments: [
    "", " ", "s", "5x", "-5s", "5s 3", "1.5s", "infinity", "5us", "5 s s", "5s,", "5\u{301}s",
    "18446744073709551616ms", "18446744073709551615s", "18446744073709551615ms 1ms",
    "99999999999999999999h", "18446744073709551615",
  ])
  func refusesWhatIsNoTimeOrDoesNotFit(_ text: String) {
    #expect(TimeText.parse(text[...]) == nil)
  }

  @Test(arguments: [
    (0, "0"), (1, "1ms"), (1_500, "1s 500ms"), (90_000, "1min 30s"), (10_000, "10s"),
    (3_600_000, "1h"), (3_661_001, "1h 1min 1s 1ms"),
  ])
  func writesTheFewestParts(_ milliseconds: UInt64, _ text: String) {
    #expect(TimeText.render(milliseconds) == text)
  }
}

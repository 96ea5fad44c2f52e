// The table of settings against itself, and every range at, one below and one above its limits.

import CoherentDaemon
import Testing

@Suite struct ConfigurationTableTests {
  @Test func indexesEachRowByItsKey() {
    #expect(ConfigurationTable.rows.map(\.key) == ConfigurationKey.allCases)
  }

  @Test func namesNoKeyTwiceInASection() {
    let names = ConfigurationTable.rows.map { "\($0.section).\($0.name)" }
    #expect(Set(names).count == names.count)
    #expect(Set(ConfigurationTable.sections).count == ConfigurationTable.sections.count)
  }

  @Test(arguments: ConfigurationKey.allCases)
  func acceptsItsOwnDefault(_ key: ConfigurationKey) {
    let row = key.row
    #expect(row.kind.value(of: row.defaultValue.render()[...]) == row.defaultValue)
  }

  /// Texts just inside and just outside of what a kind accepts.
  private static func limits(_ kind: ConfigurationKind) -> (inside: [String], outside: [String]) {
    func around(_ range: ClosedRange<UInt64>, _ unit: String) -> ([String], [String]) {
      (
        ["\(range.lowerBound)\(unit)", "\(range.upperBound)\(unit)"]
          + ["\(range.lowerBound + 1)\(unit)", "\(range.upperBound - 1)\(unit)"],
        ["\(range.lowerBound - 1)\(unit)", "\(range.upperBound + 1)\(unit)"]
          + ["-1\(unit)", "18446744073709551616\(unit)", "x"]
      )
    }
    switch kind {
    case .size(let range): return around(range, "")
    case .count(let range): return around(range, "")
    case .time(let range): return around(range, "ms")
    case .powerOfTwoSize(let range):
      let (low, high) = (range.lowerBound, range.upperBound)
      return (
        ["\(low)", "\(low * 2)", "\(high / 2)", "\(high)"],
        ["\(low - 1)", "\(low + 1)", "\(low / 2)", "\(high - 1)", "\(high + 1)", "\(high * 2)"]
          + ["0", "16777216T"]
      )
    case .share(let hundredths, let bytes):
      let maximum = MemoryShare.hundredthsOfPercent(hundredths).render()
      let above = MemoryShare.hundredthsOfPercent(hundredths + 1).render()
      return (
        ["0", "0%", "0.01%", maximum, "\(bytes - 1)", "\(bytes)"],
        [above, "\(bytes + 1)", "-1%", "18446744073709551615%", "16777216T"]
      )
    case .flag: return (["yes", "No", "true", "off", "1", "0"], ["maybe", "2", "ja"])
    case .socketPath:
      let longest = "/" + String(repeating: "a", count: 106)
      return (
        ["/a", "/a/b", longest, "/a/..b"],
        [longest + "a", "a", "/", "//a", "/a/", "/a/../b", "/./a", "/a\u{7}", "@abstract"]
      )
    case .mode:
      return (["000", "0660", "0777", "660"], ["1000", "0800", "66", "00660", "-660", "rw"])
    case .group:
      let longest = String(repeating: "g", count: 31)
      return (
        ["coherent", "_g-1", "0", "4294967294", longest],
        [longest + "g", "4294967295", "-g", "a b", "a:b", "1a", "grüppe"]
      )
    case .logLevel: return (["error", "debug"], ["err", "Debug", "7"])
    case .node: return (["", "0", "1023"], ["1024", "-1", "0x1", "no", "1,2"])
    case .hugePages: return (["no", "2M"], ["yes", "2m", "1G", "2097152"])
    }
  }

  @Test(arguments: ConfigurationKey.allCases)
  func acceptsItsLimits(_ key: ConfigurationKey) {
    for text in Self.limits(key.row.kind).inside {
      #expect(key.row.kind.value(of: text[...]) != nil, "\(text)")
    }
  }

  @Test(arguments: ConfigurationKey.allCases)
  func refusesWhatLiesBeyondItsLimitsAndSaysWhatItExpects(_ key: ConfigurationKey) {
    let row = key.row
    for text in Self.limits(row.kind).outside {
      let reading = ConfigurationSample.read("\n[\(row.section)]\n\(row.name)=\(text)\n")
      let found = ConfigurationProblem.printable(text)
      #expect(
        reading.problems.map(\.description) == [
          "f1.conf:3: [\(row.section)] \(row.name)=\(found): expected \(row.kind.expectation)"
        ])
      #expect(reading.configuration == nil)
    }
  }
}

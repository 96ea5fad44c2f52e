// A moment on the command line: how long ago (`90s`, `10min`, `2h`, `3d`), a time of today (`14:05`
// or `14:05:30`), a date and a time (`2026-03-01 14:05`), or `@` and seconds since 1970.
import ArgumentParser
import CoherentSystem

struct MomentArgument: Equatable, ExpressibleByArgument {
  let microseconds: UInt64

  init?(argument: String) {
    self.init(argument, nowMicroseconds: Clock.wallNanoseconds() / 1000)
  }

  init?(_ text: String, nowMicroseconds now: UInt64) {
    let found =
      text.hasPrefix("@")
      ? Self.number(text.dropFirst()).flatMap { Self.product($0, 1_000_000) }
      : text.contains(":") || text.contains("-")
        ? Self.calendar(text, now) : Self.ago(text).map { $0 > now ? 0 : now - $0 }
    guard let found else { return nil }
    microseconds = found
  }

  private static func ago(_ text: String) -> UInt64? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let factors: [Substring: UInt64] = [
      "": 1, "s": 1, "min": 60, "m": 60, "h": 3600, "d": 86_400,
    ]
    guard let number = number(digits), let factor = factors[text.dropFirst(digits.count)] else {
      return nil
    }
    return product(number, factor).flatMap { product($0, 1_000_000) }
  }

  private static func calendar(_ text: String, _ now: UInt64) -> UInt64? {
    guard var time = CalendarTime(microsecondsSince1970: now) else { return nil }
    var words = text.split(separator: " ", omittingEmptySubsequences: false)[...]
    (time.hour, time.minute, time.second) = (0, 0, 0)
    if let date = words.first, date.contains("-") {
      let parts = date.split(separator: "-", omittingEmptySubsequences: false).map(number)
      guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2],
        year < 10_000
      else { return nil }
      (time.year, time.month, time.day) = (Int(year), Int(clamping: month), Int(clamping: day))
      words = words.dropFirst()
    }
    if let clock = words.first {
      let parts = clock.split(separator: ":", omittingEmptySubsequences: false).map(number)
      guard (2...3).contains(parts.count), let hour = parts[0], let minute = parts[1],
        let second = parts.count == 3 ? parts[2] : 0
      else { return nil }
      (time.hour, time.minute) = (Int(clamping: hour), Int(clamping: minute))
      time.second = Int(clamping: second)
      words = words.dropFirst()
    }
    return words.isEmpty ? time.microsecondsSince1970 : nil
  }

  private static func number(_ digits: Substring) -> UInt64? {
    digits.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } ? UInt64(digits) : nil
  }

  private static func product(_ number: UInt64, _ factor: UInt64) -> UInt64? {
    let (product, overflows) = number.multipliedReportingOverflow(by: factor)
    return overflows || product > UInt64(Int64.max) ? nil : product
  }
}

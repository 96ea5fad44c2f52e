// A time on the command line: a number with `ms`, `s` or `min`; a bare number is seconds.
import ArgumentParser
import CoherentControl

struct DurationArgument: Equatable, ExpressibleByArgument, CustomStringConvertible {
  let milliseconds: UInt32

  init(milliseconds: UInt32) { self.milliseconds = milliseconds }

  init?(argument: String) {
    let digits = argument.prefix { $0.isASCII && $0.isNumber }
    guard let number = UInt64(digits) else { return nil }
    let factor: UInt64
    switch argument.dropFirst(digits.count) {
    case "ms": factor = 1
    case "", "s": factor = 1000
    case "min": factor = 60_000
    default: return nil
    }
    let (milliseconds, overflows) = number.multipliedReportingOverflow(by: factor)
    guard !overflows, milliseconds <= OrderTimeout.maximumMilliseconds else { return nil }
    self.milliseconds = UInt32(milliseconds)
  }

  var description: String { DurationText.plain(UInt64(milliseconds)) }
}

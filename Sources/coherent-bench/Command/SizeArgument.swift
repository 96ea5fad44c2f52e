// A size on the command line: a number, and perhaps K, M, G or T for powers of 1024, as in the
// daemon's configuration.

import ArgumentParser

struct SizeArgument: Equatable, ExpressibleByArgument, Sendable {
  let bytes: UInt64

  init?(argument: String) {
    let digits = argument.prefix { $0.isASCII && $0.isNumber }
    guard let number = UInt64(digits), number > 0 else { return nil }
    let shift: UInt64
    switch argument.dropFirst(digits.count) {
    case "", "B": shift = 0
    case "K", "KiB": shift = 10
    case "M", "MiB": shift = 20
    case "G", "GiB": shift = 30
    case "T", "TiB": shift = 40
    default: return nil
    }
    let (bytes, overflows) = number.multipliedReportingOverflow(by: 1 << shift)
    guard !overflows else { return nil }
    self.bytes = bytes
  }

  /// As one would write it: in the largest unit that fits.
  var defaultValueDescription: String {
    let units: [(shift: UInt64, letter: String)] = [(40, "T"), (30, "G"), (20, "M"), (10, "K")]
    for unit in units where bytes.isMultiple(of: 1 << unit.shift) {
      return "\(bytes >> unit.shift)\(unit.letter)"
    }
    return "\(bytes)"
  }
}

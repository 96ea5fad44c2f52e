// Durations as the protocol counts them.

extension Duration {
  /// Milliseconds, rounded up, so that a short time is never none; 0 for a negative one.
  var wholeMilliseconds: UInt64 {
    guard self > .zero else { return 0 }
    let (seconds, attoseconds) = components
    let fraction = (UInt64(attoseconds) + 999_999_999_999_999) / 1_000_000_000_000_000
    let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1000)
    return overflow ? .max : whole + fraction
  }
}

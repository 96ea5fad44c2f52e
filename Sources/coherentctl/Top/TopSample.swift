// What `top` looks at, at one moment: the daemon, the pressure, every session.
import CoherentControl
import CoherentSystem

struct TopSample {
  var status = StatusReport()
  var pressure = PressureReport()
  var sessions: [SessionReport] = []
  /// Of the monotonic clock.
  var nanoseconds: UInt64 = 0

  init() {}

  init(_ client: inout ControlClient) throws(ControlFailure) {
    status = try client.status()
    pressure = try client.pressure()
    var sessions: [SessionReport] = []
    try client.sessions { sessions += $0 }
    self.sessions = sessions
    nanoseconds = Clock.monotonicNanoseconds()
  }
}

/// How fast a counter counts, from two looks at it.
struct TopRate {
  private let seconds: Double

  /// Nil where there was no look before, or no time between the two.
  init?(from earlier: UInt64?, to later: UInt64) {
    guard let earlier, later > earlier else { return nil }
    seconds = Double(later - earlier) / 1e9
  }

  /// A counter that went back began anew.
  func perSecond(_ earlier: UInt64, _ later: UInt64) -> Double {
    Double(later >= earlier ? later - earlier : later) / seconds
  }
}

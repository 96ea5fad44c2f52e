// How much the daemon logs: the names that an administrator writes, in the order of syslog(3). It
// is owned by the configuration; the journal's writer asks it what to leave out.

package enum LogLevel: String, CaseIterable, Comparable, Sendable {
  case error, warning, notice, info, debug

  /// The priority of syslog(3): 3 for an error, 7 for debugging.
  package var priority: Int32 {
    switch self {
    case .error: 3
    case .warning: 4
    case .notice: 5
    case .info: 6
    case .debug: 7
    }
  }

  /// A level is less than another where it is logged less verbosely: `error < debug`.
  package static func < (left: LogLevel, right: LogLevel) -> Bool {
    left.priority < right.priority
  }
}

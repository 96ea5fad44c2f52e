// A moment as the clock on the wall shows it, in the time zone that the user has set.

import Glibc

/// Date and time of day: localtime_r(3).
package struct CalendarTime: Equatable, Sendable {
  package var year: Int
  /// 1 to 12.
  package var month: Int
  package var day: Int
  package var hour: Int
  package var minute: Int
  package var second: Int

  /// Nil for a moment beyond all calendars.
  package init?(microsecondsSince1970 microseconds: UInt64) {
    var seconds = time_t(microseconds / 1_000_000)
    var fields = tm()
    guard localtime_r(&seconds, &fields) != nil else { return nil }
    year = Int(fields.tm_year) + 1900
    month = Int(fields.tm_mon) + 1
    day = Int(fields.tm_mday)
    hour = Int(fields.tm_hour)
    minute = Int(fields.tm_min)
    second = Int(fields.tm_sec)
  }
}

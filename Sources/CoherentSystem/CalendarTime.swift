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

  /// Its moment: mktime(3). Nil where the calendar has no such day or time.
  package var microsecondsSince1970: UInt64? {
    var fields = tm()
    fields.tm_year = CInt(clamping: year - 1900)
    fields.tm_mon = CInt(clamping: month - 1)
    fields.tm_mday = CInt(clamping: day)
    fields.tm_hour = CInt(clamping: hour)
    fields.tm_min = CInt(clamping: minute)
    fields.tm_sec = CInt(clamping: second)
    fields.tm_isdst = -1
    let seconds = mktime(&fields)
    // It takes the 31st of February too, and makes something else of it.
    guard seconds >= 0, fields.tm_mon == month - 1, fields.tm_mday == day,
      fields.tm_hour == hour, fields.tm_min == minute, fields.tm_sec == second
    else { return nil }
    return UInt64(seconds) * 1_000_000
  }

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

// Moments for people: the date and the time of the wall's clock, to the millisecond.
import CoherentSystem

enum TimeText {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// `Nov 25 22:15:16.123`, as in a journal.
  static func moment(_ microseconds: UInt64) -> String {
    guard let time = CalendarTime(microsecondsSince1970: microseconds),
      months.indices.contains(time.month - 1)
    else { return "at \(microseconds / 1_000_000)" }
    let clock = [time.hour, time.minute, time.second].map { padded($0, 2) }
    return "\(months[time.month - 1]) \(padded(time.day, 2)) \(clock.joined(separator: ":"))"
      + ".\(padded(Int(microseconds / 1000 % 1000), 3))"
  }

  private static func padded(_ number: Int, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(digits - text.count, 0)) + text
  }
}

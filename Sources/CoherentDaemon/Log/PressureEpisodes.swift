// What the log says of pressure. It comes and goes many times a second where memory is scarce, and
// every coming is in the daemon's history; the log has one line when it begins to last, one when it
// is over, and a few in between that sum up. It is pure: times and numbers come in.
//
//   pressure  ..##..............#.#..#.##.#.##.#..###..#.#..............................
//   episode                     |--------------------------------------|..quiet..|
//   log                             ^ it lasts        ^ goes on                  ^ over

struct PressureEpisodes {
  /// What is to be said. Times are those of the episode.
  enum Line: Equatable {
    case lasts(sinceNanoseconds: UInt64, times: UInt64)
    case goesOn(sinceNanoseconds: UInt64, times: UInt64)
    case over(durationNanoseconds: UInt64, times: UInt64)
  }

  private struct Episode {
    let sinceNanoseconds: UInt64
    /// How often it began.
    var times: UInt64 = 1
    /// When it was over the last time; nil while there is pressure.
    var endedNanoseconds: UInt64?
    var isSaid = false
    var saysAgainNanoseconds: UInt64 = 0
    var intervalNanoseconds: UInt64 = 0
  }

  /// So old it is when it is said to last.
  static let lastsNanoseconds: UInt64 = 2_000_000_000
  /// So long there was none when it is over.
  static let quietNanoseconds: UInt64 = 10_000_000_000
  /// When it is summed up first; then each time after six times as long, at last once an hour.
  static let firstSummaryNanoseconds: UInt64 = 60_000_000_000
  static let lastSummaryNanoseconds: UInt64 = 3_600_000_000_000

  private var episode: Episode?

  /// Time has to be watched, although nothing may happen.
  var isOpen: Bool { episode != nil }

  /// Pressure began or ended.
  mutating func note(_ isUnderPressure: Bool, _ now: UInt64) {
    guard isUnderPressure else {
      episode?.endedNanoseconds = now
      return
    }
    if episode == nil {
      episode = Episode(sinceNanoseconds: now)
    } else {
      episode?.times += 1
      episode?.endedNanoseconds = nil
    }
  }

  /// How it is at this moment, whatever was noted in which order by which thread.
  mutating func look(_ isUnderPressure: Bool, _ now: UInt64) {
    let isNoted = episode.map { $0.endedNanoseconds == nil } ?? false
    if isNoted != isUnderPressure { note(isUnderPressure, now) }
  }

  /// What is to be said at this moment, if anything.
  mutating func line(_ now: UInt64) -> Line? {
    guard var current = episode else { return nil }
    let since = current.sinceNanoseconds
    if let ended = current.endedNanoseconds, now >= ended + Self.quietNanoseconds {
      episode = nil
      guard current.isSaid else { return nil }
      return .over(durationNanoseconds: ended - since, times: current.times)
    }
    if !current.isSaid {
      // What is over already may not come again: then it did not last.
      let isThere = current.endedNanoseconds == nil || current.times > 1
      guard isThere, now >= since + Self.lastsNanoseconds else { return nil }
      current.isSaid = true
      current.intervalNanoseconds = Self.firstSummaryNanoseconds
      current.saysAgainNanoseconds = since + current.intervalNanoseconds
      episode = current
      return .lasts(sinceNanoseconds: since, times: current.times)
    }
    guard now >= current.saysAgainNanoseconds else { return nil }
    current.intervalNanoseconds = min(
      current.intervalNanoseconds * 6, Self.lastSummaryNanoseconds)
    current.saysAgainNanoseconds = now + current.intervalNanoseconds
    episode = current
    return .goesOn(sinceNanoseconds: since, times: current.times)
  }
}

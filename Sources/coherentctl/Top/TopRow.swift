// One session in `top`: what it holds, and how fast things happen to it. Also what `--json` prints.
import CoherentControl

struct TopRow: Encodable {
  var session: SessionReport
  /// Nil until there are two looks at the session.
  var faultsPerSecond: Double?
  var evictionsPerSecond: Double?
  /// Percent of the time between the two looks, of all its threads together.
  var stallPercent: Double?

  enum CodingKeys: String, CodingKey {
    case session
    case faultsPerSecond = "faults_per_s"
    case evictionsPerSecond = "evictions_per_s"
    case stallPercent = "stall_percent"
  }

  static func all(_ sample: TopSample, since earlier: TopSample?) -> [TopRow] {
    let rate = TopRate(from: earlier?.nanoseconds, to: sample.nanoseconds)
    let before = Dictionary((earlier?.sessions ?? []).map { ($0.session, $0) }) { $1 }
    return sample.sessions.map { session in
      var row = TopRow(session: session)
      guard let rate, let then = before[session.session] else { return row }
      row.faultsPerSecond = rate.perSecond(then.faults, session.faults)
      row.evictionsPerSecond = rate.perSecond(then.evictedFrames, session.evictedFrames)
      row.stallPercent =
        rate.perSecond(then.stallMicroseconds, session.stallMicroseconds) / 1e6 * 100
      return row
    }
  }
}

/// The same for the whole device, with all sessions.
struct TopReport: Encodable {
  var status: StatusReport
  var pressure: PressureReport
  var sessions: [TopRow]
  var faultsPerSecond: Double?
  var evictionsPerSecond: Double?
  var restoresPerSecond: Double?

  enum CodingKeys: String, CodingKey {
    case status
    case pressure
    case sessions
    case faultsPerSecond = "faults_per_s"
    case evictionsPerSecond = "evictions_per_s"
    case restoresPerSecond = "restores_per_s"
  }

  init(_ sample: TopSample, since earlier: TopSample?) {
    status = sample.status
    pressure = sample.pressure
    sessions = TopRow.all(sample, since: earlier)
    guard let earlier, let rate = TopRate(from: earlier.nanoseconds, to: sample.nanoseconds) else {
      return
    }
    let then = earlier.status
    faultsPerSecond = rate.perSecond(then.faults, status.faults)
    evictionsPerSecond = rate.perSecond(then.evictedFrames, status.evictedFrames)
    restoresPerSecond = rate.perSecond(then.restoredFrames, status.restoredFrames)
  }
}

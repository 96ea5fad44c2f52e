// Following the events of a daemon, and of the one after it: where the connection is lost it is
// made anew, for a bounded time, and the reader is told that something may be missing there.
import CoherentControl
import CoherentSystem

struct EventFollowing: ~Copyable {
  /// What the reader is told, in its order.
  enum Piece {
    case events(EventsAnswer)
    /// From here on it is this process; `isAnother`, if it is not the daemon from before.
    case reconnected(process: Int32, isAnother: Bool)
  }

  private enum End {
    case over
    case complaint(Complaint)
    case lost(ControlFailure)
  }

  private static let pauseMilliseconds: Int32 = 200
  /// Of a daemon that is waited for: a signal is looked for in between.
  private static let answerMilliseconds = 1000

  private var link: ControlLink
  private let query: EventsQuery
  private let retryMilliseconds: UInt64
  /// Who answered, and the number of the last event that it gave.
  private var daemon: Int32?
  private var lastNumber: UInt64?
  private var lostAt: UInt64?

  init(_ query: EventsQuery, _ link: consuming ControlLink, retryMilliseconds: UInt32) {
    self.link = link
    self.query = query
    self.retryMilliseconds = UInt64(retryMilliseconds)
  }

  /// Gives each piece to `each`, until that throws, `wait` ends it, or the daemon is away for too
  /// long.
  mutating func run(
    _ wait: borrowing FollowWait, _ each: (Piece) throws(Complaint) -> Void
  ) throws(Complaint) {
    while true {
      switch follow(wait, each) {
      case .over: return
      case .complaint(let complaint): throw complaint
      case .lost(let failure):
        let now = Clock.monotonicNanoseconds() / 1_000_000
        let start = lostAt ?? now
        // A daemon that has never answered is not waited for.
        guard daemon != nil, failure.isAbsence, now < start + retryMilliseconds else {
          throw Complaint(failure)
        }
        lostAt = start
        link.answerMilliseconds = Self.answerMilliseconds
        guard wait.pause(milliseconds: Self.pauseMilliseconds) else { return }
      }
    }
  }

  /// One connection, from its beginning to its end.
  private mutating func follow(
    _ wait: borrowing FollowWait, _ each: (Piece) throws(Complaint) -> Void
  ) -> End {
    let before = daemon
    var query = query
    var last = lastNumber
    var complaint: Complaint?
    var hasAnswered = false
    var answering = before
    func give(_ piece: Piece) {
      guard complaint == nil else { return }
      do throws(Complaint) { try each(piece) } catch { complaint = error }
    }
    var end = End.over
    do throws(ControlFailure) {
      let process = try link.call { (client) throws(ControlFailure) in
        try client.status().process
      }
      answering = process
      if let before {
        // Another daemon's events are all new, and have numbers of their own.
        query.after = process == before ? last ?? query.after : nil
        if process != before { last = nil }
      }
      try link.call { (client) throws(ControlFailure) in
        try client.events(query, waiting: { complaint == nil && wait.untilReadable($0) }) {
          answer in
          if let before, !hasAnswered {
            give(.reconnected(process: process, isAnother: process != before))
          }
          hasAnswered = true
          last = answer.events.last?.number ?? last
          give(.events(answer))
        }
      }
    } catch {
      end = .lost(error)
    }
    // Who was asked and did not answer has told nothing yet.
    if hasAnswered {
      daemon = answering
      lastNumber = last
      lostAt = nil
    }
    return complaint.map { .complaint($0) } ?? end
  }
}

// What the history remembers, in words: a sentence for an entry. The sentences are for people; the
// words of `HistoryText+Words` are for programs.

import CoherentCore
import CoherentWire

package enum HistoryText {
  /// All of an entry as a sentence, without a full stop.
  package static func sentence(_ entry: HistoryEntry) -> String {
    let size = "\(HumanSize(entry.bytes))"
    switch entry.kind {
    case .evicted:
      return "\(moved(entry)) of \(subject(entry)) went to the host store: \(reason(entry))"
    case .restored:
      return "\(moved(entry)) of \(subject(entry)) left the host store: \(reason(entry))"
    case .revoked:
      return "\(count(entry, "pin")) of \(subject(entry)) ended: \(reason(entry))"
    case .refused:
      let asked = entry.bytes == 0 ? "" : ", \(size) in all"
      return "\(count(entry, "request")) of \(client(entry)) refused\(asked): \(reason(entry))"
    case .block: return block(entry)
    case .pressure:
      return entry.origin.cause == .began
        ? "pressure began with \(size) free" + by(entry, " took memory last", before: ": ")
        : "pressure ended with \(size) free"
    case .session:
      return client(entry) + (entry.origin.cause == .began ? " came" : " ended")
    case .dataLost:
      return "\(size) of \(client(entry)) is lost: \(reason(entry))"
    }
  }

  /// The same where it is known already which allocation it is about, and whose.
  package static func shortSentence(_ entry: HistoryEntry) -> String {
    switch entry.kind {
    case .evicted: "\(moved(entry)) evicted: \(reason(entry))"
    case .restored: "\(moved(entry)) restored: \(reason(entry))"
    case .revoked: "\(count(entry, "pin")) ended: \(reason(entry))"
    default: sentence(entry)
    }
  }

  /// How much was moved. What went to and fro within the time of an entry counts each time: more
  /// than the allocation has is said to be that.
  private static func moved(_ entry: HistoryEntry) -> String {
    guard entry.allocationBytes > 0, entry.bytes > entry.allocationBytes else {
      return "\(HumanSize(entry.bytes))"
    }
    return "\(HumanSize(entry.bytes)) (more than once the \(HumanSize(entry.allocationBytes)))"
  }

  /// A block that is offline was added, or has gone offline: either way somebody wanted it so.
  private static func block(_ entry: HistoryEntry) -> String {
    let state = entry.state.map(word) ?? "changed"
    let name = "memory block \(entry.block ?? 0) is \(state)"
    return entry.origin.cause == .timedOut
      ? "\(name) again: its time to go offline was over"
      : "\(name), as an administrator ordered"
  }

  // MARK: who

  private static func client(_ entry: HistoryEntry) -> String {
    entry.session.rawValue == 0
      ? "a newcomer (process \(entry.process))"
      : "session \(entry.session.rawValue) (process \(entry.process))"
  }

  private static func subject(_ entry: HistoryEntry) -> String {
    let owner = client(entry)
    return entry.allocation.map { "allocation \($0.rawValue) of \(owner)" } ?? owner
  }

  private static func count(_ entry: HistoryEntry, _ noun: String) -> String {
    entry.count == 1 ? "a \(noun)" : PluralText.count(Int(entry.count), noun)
  }

  /// Whose wish it was, if it was a client's, with what they did.
  static func by(
    _ entry: HistoryEntry, _ deed: String, before separator: String = ", "
  ) -> String {
    guard let session = entry.origin.session, let process = entry.origin.process else { return "" }
    return separator + "session \(session.rawValue) (process \(process))" + deed
  }
}

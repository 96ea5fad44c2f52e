// What the history remembers, in words: one sentence for an entry, one word for a cause. The words
// are for programs and never change; the sentences are for people.

import CoherentCore
import CoherentWire

package enum HistoryText {
  /// All of an entry as a sentence, without a full stop.
  package static func sentence(_ entry: HistoryEntry) -> String {
    let size = "\(HumanSize(entry.bytes))"
    switch entry.kind {
    case .evicted: return "\(size) of \(subject(entry)) went to the host store: \(reason(entry))"
    case .restored: return "\(size) of \(subject(entry)) came back: \(reason(entry))"
    case .revoked:
      return "\(count(entry, "pin")) of \(subject(entry)) ended: \(reason(entry))"
    case .refused:
      let asked = entry.bytes == 0 ? "" : ", \(size) in all"
      return "\(count(entry, "request")) of \(client(entry)) refused\(asked): \(reason(entry))"
    case .block:
      let state = entry.state.map(word) ?? "changed"
      return "memory block \(entry.block ?? 0) is \(state): \(reason(entry))"
    case .pressure:
      return entry.origin.cause == .began
        ? "pressure began with \(size) free" + by(entry, " took memory last", before: ": ")
        : "pressure ended with \(size) free"
    case .session:
      return client(entry) + (entry.origin.cause == .began ? " came" : " ended")
    case .dataLost:
      return "\(size) of \(client(entry)) cannot be gone on with: "
        + "the daemon before this one had died"
    }
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
    entry.count == 1 ? "a \(noun)" : "\(entry.count) \(noun)s"
  }

  /// Who else it was, if it was somebody else, with what they did.
  private static func by(
    _ entry: HistoryEntry, _ deed: String, before separator: String = ", "
  ) -> String {
    guard let session = entry.origin.session, let process = entry.origin.process else { return "" }
    return separator + "session \(session.rawValue) (process \(process))" + deed
  }

  private static func isOwnWish(_ entry: HistoryEntry) -> Bool {
    entry.origin.session == entry.session
  }

  // MARK: why

  /// Why it was done, as a part of a sentence.
  package static func reason(_ entry: HistoryEntry) -> String {
    switch entry.origin.cause {
    case .unknown: "nobody knows why"
    case .pressure: "device memory was short" + by(entry, " took it last")
    case .allocation: isOwnWish(entry) ? "its owner allocates" : need(entry, "allocate")
    case .administrator: "an administrator ordered it"
    case .migration:
      isOwnWish(entry) ? "its owner moves memory" : need(entry, "move memory to the device")
    case .longTermPin: "its owner pins it in host memory"
    case .blockOffline: "its memory block is going offline"
    case .access: "it was accessed"
    case .pin: "its owner pins it"
    case .advice: "its owner will need it"
    case .promotion: "the device has room for it again"
    case .stopping: "the daemon stops"
    case .lease: "its lease was over" + by(entry, " waits for it")
    case .limit: "a limit is reached"
    case .deviceFull: "the device is full" + by(entry, " pins most of it")
    case .hostFull: "there is no room in host memory"
    case .timedOut: "its time was over" + by(entry, " is in the way")
    case .notMigratable: "it cannot move" + by(entry, " pins it")
    case .notPermitted: "it is not permitted"
    case .invalidRequest: "it makes no sense"
    case .began: "it began"
    case .ended: "it ended"
    case .recovery: "the daemon before this one had died"
    }
  }

  private static func need(_ entry: HistoryEntry, _ wish: String) -> String {
    let who = by(entry, "", before: "")
    return who.isEmpty ? "somebody waits to \(wish)" : "\(who) waits to \(wish)"
  }

  // MARK: words

  package static func word(_ cause: Cause) -> String {
    switch cause {
    case .unknown: "unknown"
    case .pressure: "pressure"
    case .allocation: "allocation"
    case .administrator: "administrator"
    case .migration: "migration"
    case .longTermPin: "long-term-pin"
    case .blockOffline: "block-offline"
    case .access: "access"
    case .pin: "pin"
    case .advice: "advice"
    case .promotion: "promotion"
    case .stopping: "stopping"
    case .lease: "lease"
    case .limit: "limit"
    case .deviceFull: "device-full"
    case .hostFull: "host-full"
    case .timedOut: "timed-out"
    case .notMigratable: "not-migratable"
    case .notPermitted: "not-permitted"
    case .invalidRequest: "invalid-request"
    case .began: "began"
    case .ended: "ended"
    case .recovery: "recovery"
    }
  }

  package static func word(_ state: BlockState) -> String {
    switch state {
    case .absent: "removed"
    case .offline: "offline"
    case .online: "online"
    case .goingOffline: "going-offline"
    }
  }
}

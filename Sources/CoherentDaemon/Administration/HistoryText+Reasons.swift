// Why something was done, as a part of a sentence. One cause means different things of different
// deeds: whoever waits to allocate has others evicted, and whoever moves memory has it leave the
// store, whichever way it goes.

import CoherentCore

extension HistoryText {
  package static func reason(_ entry: HistoryEntry) -> String {
    let known: String? =
      switch entry.kind {
      case .evicted: evictionReason(entry)
      case .restored: restoreReason(entry.origin.cause)
      case .revoked: entry.origin.cause == .lease ? leaseReason(entry) : nil
      case .refused: refusalReason(entry)
      case .dataLost: lossReason(entry.origin.cause)
      case .block, .pressure, .session: nil
      }
    return known ?? "the cause is \(word(entry.origin.cause))"
  }

  /// Why it went to the host store: from the device, or from host memory where it was mapped.
  private static func evictionReason(_ entry: HistoryEntry) -> String? {
    switch entry.origin.cause {
    case .pressure:
      "device memory was short"
        + (isOwnWish(entry) ? ", its owner took it last" : by(entry, " took it last"))
    case .allocation: wish(entry, own: "its owner allocates", "waits to allocate")
    case .pin: wish(entry, own: "its owner waits to pin", "waits to pin")
    case .migration: wish(entry, own: "its owner moves memory", "moves memory to the device")
    case .longTermPin: "its owner pins it in host memory"
    case .administrator: "an administrator ordered it"
    case .blockOffline: "its memory block was going offline"
    case .promotion: "the device has room for it when it is used next"
    default: nil
    }
  }

  /// Why it left the host store: for the device, or to be mapped in host memory.
  private static func restoreReason(_ cause: Cause) -> String? {
    switch cause {
    case .access: "it was accessed"
    case .pin: "its owner pins it"
    case .advice: "its owner will need it"
    case .migration: "its owner moves it"
    case .longTermPin: "its owner pins it in host memory"
    case .administrator: "an administrator moves it"
    case .blockOffline: "another memory block had room for it"
    case .stopping: "the daemon stops, and hands it back"
    default: nil
    }
  }

  private static func lossReason(_ cause: Cause) -> String? {
    switch cause {
    case .recovery: "the daemon before this one had died, and the session's records are damaged"
    case .access: "its copy in the host store cannot be read"
    case .stopping: "the daemon stopped, and could not bring it back"
    default: nil
    }
  }

  private static func leaseReason(_ entry: HistoryEntry) -> String {
    "its lease was over" + by(entry, " waits for it")
  }

  private static func refusalReason(_ entry: HistoryEntry) -> String? {
    switch entry.origin.cause {
    case .lease: "its lease was over, or was to be too long"
    case .limit: "a limit is reached"
    case .deviceFull: "the device is full" + by(entry, " pins most of it")
    case .hostFull: "there is no room in host memory"
    case .timedOut: "its time was over" + by(entry, " is in the way")
    case .notMigratable: "it cannot move" + by(entry, " pins it")
    case .notPermitted: "it is not permitted"
    case .stopping: "the device is offline, or going there"
    case .invalidRequest: "it makes no sense"
    default: nil
    }
  }

  private static func isOwnWish(_ entry: HistoryEntry) -> Bool {
    entry.origin.session == entry.session
  }

  /// Whoever wanted it, if it was not the owner of what was moved.
  private static func wish(_ entry: HistoryEntry, own: String, _ deed: String) -> String {
    if isOwnWish(entry) { return own }
    let who = by(entry, "", before: "")
    return (who.isEmpty ? "somebody" : who) + " " + deed
  }
}

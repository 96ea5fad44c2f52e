// The kinds of events that are about a client: what it was refused, what was taken from it, what it
// did, what it lost.

import CoherentWire

extension LogEvent {
  /// The kind of event that a refusal is; nil for one that is between the daemon and the client
  /// alone, because no administrator could change it.
  package static func kind(of refusal: Refusal) -> EventKind? {
    switch (refusal.reason, refusal.detail) {
    case (.outOfDeviceMemory, _), (.outOfHostMemory, _), (.overLimit, .arenaFull):
      .allocationRefused
    case (.overLimit, _): .limitReached
    default: nil
    }
  }

  /// A refusal of that kind.
  package static func refused(
    _ client: EventClient, _ refusal: Refusal, _ kind: EventKind
  ) -> LogEvent {
    kind == .limitReached ? limitReached(client, refusal) : allocationRefused(client, refusal)
  }

  private static func allocationRefused(_ client: EventClient, _ refusal: Refusal) -> LogEvent {
    LogEvent(
      .allocationRefused, about: client,
      "refused memory to \(client.description) \(refusal.reason): \(refusal.description)",
      [
        // Of a session that could not be made it is no size, but an error number.
        (
          .bytes,
          [.noMemoryFile, .notRegistered].contains(refusal.detail)
            ? EventField.nothing : String(refusal.asked)
        ), (.availableBytes, String(refusal.available)),
        (
          .holderProcess,
          refusal.holderProcess == 0 ? EventField.nothing : String(refusal.holderProcess)
        ), (.reason, name(refusal)),
      ])
  }

  private static func limitReached(_ client: EventClient, _ refusal: Refusal) -> LogEvent {
    LogEvent(
      .limitReached, about: client,
      "\(client.description) \(client.session == nil ? "was not admitted" : "reached a limit"): "
        + refusal.description,
      [(.limit, String(refusal.limit)), (.reason, name(refusal))])
  }

  /// The reason as programs test for it, with the detail where there is one.
  private static func name(_ refusal: Refusal) -> String {
    refusal.detail == .none ? "\(refusal.reason)" : "\(refusal.reason)/\(refusal.detail)"
  }

  package static func leaseRevoked(
    _ client: EventClient, allocation: HandleID, pins: Int
  ) -> LogEvent {
    LogEvent(
      .leaseRevoked, about: client,
      "lease revoked: \(client.description) held \(PluralText.count(pins, "pin")) of allocation "
        + "\(allocation.rawValue) past their lease",
      [(.allocation, String(allocation.rawValue)), (.pins, String(pins))])
  }

  /// It broke the protocol, or a bound that keeps others safe from it. A client without a session
  /// was not admitted; one with a session loses it.
  package static func clientMisbehaved(_ client: EventClient, reason: String) -> LogEvent {
    LogEvent(
      .clientMisbehaved, about: client,
      "\(client.description) \(client.session == nil ? "was not admitted" : "is ended"): \(reason)",
      [(.reason, reason)])
  }

  /// Its memory file holds more than its allocations account for, and than is tolerated.
  package static func memoryUnaccounted(
    _ client: EventClient, bytes: UInt64, limitBytes: UInt64
  ) -> LogEvent {
    LogEvent(
      .memoryUnaccounted, about: client,
      "\(client.description) holds \(HumanSize(bytes)) of memory in its file that none of its "
        + "allocations accounts for, over UnaccountedMemory=\(HumanSize(limitBytes)): it is ended "
        + "unless it gives that back",
      [(.bytes, String(bytes)), (.limit, String(limitBytes))])
  }

  /// So many bytes of evicted data are gone, although the client lives.
  package static func dataLost(_ client: EventClient, bytes: UInt64, reason: String) -> LogEvent {
    LogEvent(
      .dataLost, about: client,
      "data lost: \(client.description) loses \(HumanSize(bytes)) that were evicted: \(reason)",
      [(.bytes, String(bytes)), (.reason, reason)])
  }
}

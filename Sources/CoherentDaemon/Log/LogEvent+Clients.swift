// The kinds of events that are about a client: what it was refused, what was taken from it, what it
// did, what it lost.

import CoherentWire

extension LogEvent {
  /// The event of a refusal, nil for one that is between the daemon and the client alone.
  package static func refused(_ client: EventClient, _ refusal: Refusal) -> LogEvent? {
    switch (refusal.reason, refusal.detail) {
    case (.outOfDeviceMemory, _), (.overLimit, .arenaFull):
      allocationRefused(client, refusal, bytes: refusal.asked)
    case (.outOfHostMemory, .none): allocationRefused(client, refusal, bytes: refusal.asked)
    case (.overLimit, _): limitReached(client, refusal)
    default: nil
    }
  }

  /// Whether `refused` makes an event of it: for who wants to know before the client is looked up.
  package static func isRefusalLogged(_ refusal: Refusal) -> Bool {
    switch (refusal.reason, refusal.detail) {
    case (.outOfDeviceMemory, _), (.overLimit, _), (.outOfHostMemory, .none): true
    default: false
    }
  }

  private static func allocationRefused(
    _ client: EventClient, _ refusal: Refusal, bytes: UInt64
  ) -> LogEvent {
    LogEvent(
      .allocationRefused, about: client,
      "refused memory to \(client.description) \(refusal.reason): \(refusal.description)",
      [
        (.bytes, String(bytes)), (.availableBytes, String(refusal.available)),
        (
          .holderProcess,
          refusal.holderProcess == 0 ? EventField.nothing : String(refusal.holderProcess)
        ), (.reason, name(refusal)),
      ])
  }

  private static func limitReached(_ client: EventClient, _ refusal: Refusal) -> LogEvent {
    LogEvent(
      .limitReached, about: client, "\(client.description) reached a limit: \(refusal.description)",
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
      "lease revoked: \(client.description) held \(pins) pins of allocation "
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

  /// So many bytes of evicted data are gone, although the client lives.
  package static func dataLost(_ client: EventClient, bytes: UInt64, reason: String) -> LogEvent {
    LogEvent(
      .dataLost, about: client,
      "data lost: \(client.description) loses \(HumanSize(bytes)) that were evicted: \(reason)",
      [(.bytes, String(bytes)), (.reason, reason)])
  }
}

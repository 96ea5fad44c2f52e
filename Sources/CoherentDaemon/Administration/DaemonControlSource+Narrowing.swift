// How an order that names a session or an allocation finds what it names. What may never happen: an
// order that reaches further than it says, since a name in it was unknown or could mean several.

import CoherentControl
import CoherentCore
import CoherentWire

extension DaemonControlSource {
  private static let namedSessions = 5

  /// The order with the session whose allocation it names. Throws `noSuchAllocation` where no
  /// session has one of this name, and `refused` where several have: names are a session's own.
  func narrowed(
    _ order: CoherentControl.EvictionOrder
  ) throws(ControlError) -> CoherentControl.EvictionOrder {
    guard let allocation = order.allocation, order.session == nil else { return order }
    let sessions = performer.engine.look { core, _ in core.sessions(having: allocation) }
    guard let session = sessions.first else {
      throw .noSuchAllocation(ControlError.SubjectDetail(allocation: allocation))
    }
    guard sessions.count == 1 else {
      throw .refused(
        ControlError.MessageDetail(
          reason: "ambiguousAllocation",
          message: "\(sessions.count) sessions have an allocation \(allocation.rawValue): "
            + "\(Self.list(sessions)); nothing was done; naming the session would help"))
    }
    var narrowed = order
    narrowed.session = session
    return narrowed
  }

  private static func list(_ sessions: [SessionID]) -> String {
    let names = sessions.prefix(namedSessions).map { "\($0.rawValue)" }.joined(separator: ", ")
    let rest = sessions.count - namedSessions
    return rest > 0 ? "\(names) and \(PluralText.count(rest, "other"))" : names
  }

  /// The refusal of an order that names a session, and perhaps an allocation of it.
  func error(
    _ refusal: Refusal, _ session: SessionID?, _ allocation: HandleID?
  ) -> ControlError {
    // Where there is no such session, its allocations are not what is missing.
    let isThere = session.map { id in performer.engine.look { core, _ in core.isServed(id) } }
    return ControlError(
      refusal, session: session, allocation: isThere == false ? nil : allocation)
  }
}

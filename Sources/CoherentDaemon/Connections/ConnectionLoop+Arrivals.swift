// Room for connections on their way to a session: who has too many of them loses the oldest, by
// name. A client that waits for its welcome or has had it is told; one that said nothing is not
// waiting for anything, and is told all the same.

import CoherentCore
import CoherentSystem
import CoherentWire

extension ConnectionLoop {
  /// How many there may be, in all and of one user.
  private var arrivalsShare: UserShare {
    UserShare(of: configuration.maximumConnecting, percent: configuration.userSharePercent)
  }

  func makeRoomForArrivals() {
    let share = arrivalsShare
    while let excess = arrivals.excess(share) {
      shutOut(excess, share)
      arrivals.remove(excess.token)
    }
  }

  private func shutOut(_ excess: Arrivals.Excess, _ share: UserShare) {
    var refusal = Refusal(
      .overLimit, .shareOfConnections, asked: UInt64(excess.count),
      limit: UInt64(min(share.most, excess.count - 1)))
    refusal.protected = UInt64(share.limit) - refusal.limit
    refusal.user = excess.user.rawValue
    performer.engine.look { core, _ in core.countRefused(refusal) }
    if excess.token & Token.newcomers != 0 {
      refuse(excess.token, MalformedPacket(refusal, request: nil))
    } else if let session = session(excess.token) {
      session.send(RequestID(rawValue: 0), .refused(refusal))
      performer.report(refusal, of: session.peer) { session.client }
      disconnect(session, nil)
    }
  }

  /// The client is a session from now on, if there is room for one: among all, and in its user's
  /// share. If not, it is told, and its connection ends.
  func becomeSession(_ session: ClientSession, _ number: RequestID) -> Bool {
    let (id, process) = (session.id, UInt32(session.peer.process))
    let user = UserID(rawValue: session.peer.user)
    let outcome = performer.engine.look { core, now in
      core.connect(id, process: process, user: user, now)
    }
    if case .failure(let refusal) = outcome {
      session.send(number, .refused(refusal))
      performer.report(refusal, of: session.peer) { session.client }
      disconnect(session, nil)
      return false
    }
    arrivals.remove(Token.sessions | UInt64(id.rawValue))
    return true
  }
}

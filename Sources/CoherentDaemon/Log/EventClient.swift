// Whom an event is about: the process at the other end of a connection, as the kernel named it when
// it connected. The client can neither choose nor change any of it, but for the name of its unit,
// which whoever started it chose; so that is made printable.

import CoherentSystem
import CoherentWire

package struct EventClient: Equatable, Sendable {
  package let process: Int32
  package let user: UInt32
  /// The systemd unit in whose control group it was.
  package let unit: String?
  /// Nil where it was not admitted.
  package let session: SessionID?

  package init(process: Int32, user: UInt32, unit: String?, session: SessionID?) {
    self.process = process
    self.user = user
    self.unit = unit.map { ConfigurationProblem.printable($0, maximumScalars: 256) }
    self.session = session
  }

  /// A peer that has no session.
  init(_ peer: PeerCredentials) {
    self.init(
      process: peer.process, user: peer.user, unit: ProcessDescription.unit(of: peer.process),
      session: nil)
  }

  var fields: [(EventField, String)] {
    [
      (.clientProcess, String(process)), (.clientUser, String(user)),
      (.unit, unit ?? EventField.nothing),
      (.session, session.map { String($0.rawValue) } ?? EventField.nothing),
    ]
  }

  /// For an event that is about no client this time.
  static let noFields: [(EventField, String)] = EventField.ofClient.map {
    ($0, EventField.nothing)
  }

  /// As the messages name it.
  var description: String {
    let origin = "process \(process) of user \(user)" + (unit.map { " in \($0)" } ?? "")
    return session.map { "session \($0.rawValue), \(origin)," } ?? origin
  }
}

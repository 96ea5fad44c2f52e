// What `Migrate` is asked to do: bring one whole allocation to the device, or to the host.
import CoherentWire

package struct MigrationOrder: Equatable, Sendable {
  package var session: SessionID
  package var allocation: HandleID
  package var target: MigrationTarget
  package var timeoutMilliseconds: UInt32 = OrderTimeout.defaultMilliseconds

  package init(session: SessionID, allocation: HandleID, target: MigrationTarget) {
    self.session = session
    self.allocation = allocation
    self.target = target
  }
}

extension MigrationOrder: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case session
    case allocation
    case target
    case timeoutMilliseconds = "timeout_ms"
  }

  package init(from decoder: any Decoder) throws {
    try decoder.refuseUnknownKeys(CodingKeys.self)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    session = try container.decode(SessionID.self, forKey: .session)
    allocation = try container.decode(HandleID.self, forKey: .allocation)
    target = try container.decode(MigrationTarget.self, forKey: .target)
    timeoutMilliseconds = try OrderTimeout.decode(container, .timeoutMilliseconds)
  }
}

/// What `Migrate` did: frames that moved, and frames that were there already.
package struct MigrationReport: Equatable, Sendable, Codable {
  package var movedFrames: UInt64 = 0
  package var alreadyFrames: UInt64 = 0

  package init() {}

  enum CodingKeys: String, CodingKey, CaseIterable {
    case movedFrames = "moved_frames"
    case alreadyFrames = "already_frames"
  }
}

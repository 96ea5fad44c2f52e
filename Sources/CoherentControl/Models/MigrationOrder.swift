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
    let parameters = try decoder.parameters(CodingKeys.self)
    session = try parameters.required(.session)
    allocation = try parameters.required(.allocation)
    target = try parameters.required(.target)
    timeoutMilliseconds = try OrderTimeout.decode(parameters, .timeoutMilliseconds)
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

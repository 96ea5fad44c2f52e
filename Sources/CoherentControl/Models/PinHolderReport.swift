// Who pins what an order left where it is. These properties are the fields of `Holder` in the
// interface.
import CoherentWire

package struct PinHolderReport: Codable, Equatable, Sendable {
  package var session: SessionID
  package var process: Int32
  package var frames: UInt64

  package init(session: SessionID, process: Int32, frames: UInt64) {
    self.session = session
    self.process = process
    self.frames = frames
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case session
    case process = "pid"
    case frames
  }
}

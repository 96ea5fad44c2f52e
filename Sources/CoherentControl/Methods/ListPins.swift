// `ListPins`: the pins of one session, of one process or of all, a page in each reply.
import CoherentWire

package struct PinsQuery: Codable, Equatable, Sendable {
  package var session: SessionID?
  /// Only the sessions of this process.
  package var process: Int32?

  package init(session: SessionID? = nil, process: Int32? = nil) {
    self.session = session
    self.process = process
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case session
    case process = "pid"
  }

  package init(from decoder: any Decoder) throws {
    let parameters = try decoder.parameters(CodingKeys.self)
    session = try parameters.optional(.session)
    process = try parameters.optional(.process)
  }
}

package struct PinsAnswer: Codable, Equatable, Sendable {
  package var pins: [PinReport]
}

extension ControlMethod {
  static let listPins = streamed(
    ControlInterface.name + ".ListPins", takes: PinsQuery.self
  ) { (query, cursor, context) throws(CallFailure) in
    do throws(ControlError) {
      let page = try context.source.pins(
        query, from: cursor, limit: ControlLimits.entriesPerReply)
      return (PinsAnswer(pins: page.entries), page.entries.isEmpty, page.next)
    } catch {
      throw .control(error)
    }
  }
}

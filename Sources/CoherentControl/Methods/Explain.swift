// `Explain`: where an allocation is, why, and what was done to it lately.
import CoherentWire

package struct WhyQuery: Codable, Equatable, Sendable {
  /// Nil: of every session that has such an allocation.
  package var session: SessionID?
  package var allocation: HandleID

  package init(session: SessionID?, allocation: HandleID) {
    self.session = session
    self.allocation = allocation
  }

  enum CodingKeys: String, CodingKey, CaseIterable { case session, allocation }

  package init(from decoder: any Decoder) throws {
    let parameters = try decoder.parameters(CodingKeys.self)
    session = try parameters.optional(.session)
    allocation = try parameters.required(.allocation)
  }
}

extension ControlMethod {
  static let explain = immediate(
    ControlInterface.name + ".Explain", takes: WhyQuery.self
  ) { (query, context) throws(CallFailure) in
    do throws(ControlError) {
      return try context.source.why(query)
    } catch {
      throw .control(error)
    }
  }
}

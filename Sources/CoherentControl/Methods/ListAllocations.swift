// `ListAllocations`: the allocations of one session or of all, a page in each reply.
import CoherentWire

package struct AllocationsQuery: Codable, Equatable, Sendable {
  package var session: SessionID?

  package init(session: SessionID?) { self.session = session }

  enum CodingKeys: String, CodingKey, CaseIterable { case session }

  package init(from decoder: any Decoder) throws {
    session = try decoder.parameters(CodingKeys.self).optional(.session)
  }
}

package struct AllocationsAnswer: Codable, Equatable, Sendable {
  package var allocations: [AllocationReport]
}

extension ControlMethod {
  static let listAllocations = streamed(
    ControlInterface.name + ".ListAllocations", takes: AllocationsQuery.self
  ) { (query, cursor, context) throws(CallFailure) in
    do throws(ControlError) {
      let page = try context.source.allocations(
        of: query.session, from: cursor, limit: ControlLimits.entriesPerReply)
      return (AllocationsAnswer(allocations: page.entries), page.entries.isEmpty, page.next)
    } catch {
      throw .control(error)
    }
  }
}

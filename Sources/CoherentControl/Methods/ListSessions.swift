// `ListSessions`: every session, a page in each reply.

package struct SessionsAnswer: Codable, Equatable, Sendable {
  package var sessions: [SessionReport]
}

extension ControlMethod {
  static let listSessions = streamed(
    ControlInterface.name + ".ListSessions", takes: NoParameters.self
  ) { (_, cursor, context) throws(CallFailure) in
    let page = context.source.sessions(from: cursor, limit: ControlLimits.entriesPerReply)
    return (SessionsAnswer(sessions: page.entries), page.entries.isEmpty, page.next)
  }
}

// `FollowEvents`: what is remembered, and then, if the caller wants to follow, what happens from
// then on. The first reply comes at once, so that a follower knows that it is heard. A follower
// that is too slow holds nothing up: what it missed is forgotten and counted.

package struct EventsQuery: Codable, Equatable, Sendable {
  /// Only events with a higher number; 0: only those to come; nil, or a number that no event has
  /// yet: all that are remembered.
  package var after: UInt64?
  package var follow: Bool?

  package init(after: UInt64? = nil, follow: Bool? = nil) {
    self.after = after
    self.follow = follow
  }

  enum CodingKeys: String, CodingKey, CaseIterable { case after, follow }

  package init(from decoder: any Decoder) throws {
    let parameters = try decoder.parameters(CodingKeys.self)
    after = try parameters.optional(.after)
    follow = try parameters.optional(.follow)
  }
}

package struct EventsAnswer: Codable, Equatable, Sendable {
  package var events: [EventReport]
  package var dropped: UInt64

  enum CodingKeys: String, CodingKey, CaseIterable { case events, dropped }
}

extension ControlMethod {
  static let followEvents = ControlMethod(
    name: ControlInterface.name + ".FollowEvents", isForEverybody: false
  ) { (call, context) throws(CallFailure) in
    let query = try call.parameters(EventsQuery.self)
    guard call.takesMore else { throw .service(.expectedMore) }
    let source = context.source
    let start = start(query, newest: source.events(after: .start, limit: 0).newest)
    guard query.follow == true else {
      return .stream(ReplyStream(first: start) { cursor in remembered(source, cursor) })
    }
    guard let place = context.followers.place() else {
      let message = "\(ControlLimits.followers) readers follow the events already"
      throw .control(.refused(.init(reason: "overLimit", message: message)))
    }
    return .stream(
      ReplyStream(first: start, place: place) { cursor in
        followed(source, cursor, isFirst: cursor == start)
      })
  }

  /// A number that no event has yet is one of an earlier daemon, of whose events none is left.
  private static func start(_ query: EventsQuery, newest: UInt64) -> ReportCursor {
    switch query.after {
    case nil: .start
    case 0?: ReportCursor(rawValue: newest)
    case let after?: after > newest ? .start : ReportCursor(rawValue: after)
    }
  }

  private static func remembered(
    _ source: any ControlSource, _ cursor: ReportCursor
  ) -> ReplyStream.Piece {
    let page = source.events(after: cursor, limit: ControlLimits.entriesPerReply)
    let last = page.events.last?.number ?? page.newest
    let next = last < page.newest ? ReportCursor(rawValue: last) : nil
    let answer = EventsAnswer(events: page.events, dropped: page.dropped)
    return .init(text: ReplyMessage.text(answer, continues: next != nil), next: next)
  }

  private static func followed(
    _ source: any ControlSource, _ cursor: ReportCursor, isFirst: Bool
  ) -> ReplyStream.Piece {
    let page = source.events(after: cursor, limit: ControlLimits.entriesPerReply)
    let last = page.events.last?.number ?? cursor.rawValue
    let answer = EventsAnswer(events: page.events, dropped: page.dropped)
    let isSilent = page.events.isEmpty && !isFirst
    return .init(
      text: isSilent ? nil : ReplyMessage.text(answer, continues: true),
      next: ReportCursor(rawValue: last), waits: last >= page.newest)
  }
}

// `FollowEvents`: what is remembered, and then, if the caller wants to follow, what happens from
// then on. The first reply comes at once, so that a follower knows that it is heard. A follower
// that is too slow holds nothing up: what it missed is forgotten and counted. What the caller does
// not want to hear of is left out here, so that it costs no message.

import CoherentWire

package struct EventsQuery: Codable, Equatable, Sendable {
  /// Only events with a higher number; 0: only those to come; nil, or a number that no event has
  /// yet: all that are remembered.
  package var after: UInt64?
  package var follow: Bool?
  /// Only events of these kinds.
  package var kinds: [EventKind]?
  /// Only events about this session, or by its wish.
  package var session: SessionID?
  /// Only events that were not before the first and not after the second, in microseconds since
  /// 1970.
  package var sinceMicroseconds: UInt64?
  package var untilMicroseconds: UInt64?

  package init(after: UInt64? = nil, follow: Bool? = nil) {
    self.after = after
    self.follow = follow
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case after
    case follow
    case kinds
    case session
    case sinceMicroseconds = "since_us"
    case untilMicroseconds = "until_us"
  }

  package init(from decoder: any Decoder) throws {
    let parameters = try decoder.parameters(CodingKeys.self)
    after = try parameters.optional(.after)
    follow = try parameters.optional(.follow)
    kinds = try parameters.optional(.kinds)
    session = try parameters.optional(.session)
    sinceMicroseconds = try parameters.optional(.sinceMicroseconds)
    untilMicroseconds = try parameters.optional(.untilMicroseconds)
  }

  /// Whether the caller wants to hear of it.
  func wants(_ event: EventReport) -> Bool {
    (kinds?.contains(event.kind) ?? true)
      && (session.map { event.session == $0 || event.bySession == $0 } ?? true)
      && event.timeMicroseconds >= sinceMicroseconds ?? 0
      && event.timeMicroseconds <= untilMicroseconds ?? .max
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
    // A kind that there is none of would be listened to in vain.
    if query.kinds?.contains(where: { !EventKind.all.contains($0) }) == true {
      throw .service(.invalidParameter(EventsQuery.CodingKeys.kinds.rawValue))
    }
    let source = context.source
    let start = start(query, newest: source.events(after: .start, limit: 0).newest)
    guard query.follow == true else {
      return .stream(ReplyStream(first: start) { cursor in remembered(source, cursor, query) })
    }
    guard let place = context.followers.place() else {
      let message = "\(ControlLimits.followers) readers follow the events already"
      throw .control(.refused(.init(reason: "overLimit", message: message)))
    }
    return .stream(
      ReplyStream(first: start, place: place) { cursor in
        followed(source, cursor, query, isFirst: cursor == start)
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
    _ source: any ControlSource, _ cursor: ReportCursor, _ query: EventsQuery
  ) -> ReplyStream.Piece {
    let page = source.events(after: cursor, limit: ControlLimits.entriesPerReply)
    let last = page.events.last?.number ?? page.newest
    let next = last < page.newest ? ReportCursor(rawValue: last) : nil
    let answer = EventsAnswer(events: page.events.filter(query.wants), dropped: page.dropped)
    return .init(text: ReplyMessage.text(answer, continues: next != nil), next: next)
  }

  private static func followed(
    _ source: any ControlSource, _ cursor: ReportCursor, _ query: EventsQuery, isFirst: Bool
  ) -> ReplyStream.Piece {
    let page = source.events(after: cursor, limit: ControlLimits.entriesPerReply)
    let last = page.events.last?.number ?? cursor.rawValue
    let answer = EventsAnswer(events: page.events.filter(query.wants), dropped: page.dropped)
    let isSilent = answer.events.isEmpty && answer.dropped == 0 && !isFirst
    return .init(
      text: isSilent ? nil : ReplyMessage.text(answer, continues: true),
      next: ReportCursor(rawValue: last), waits: last >= page.newest)
  }
}

// One method of an interface: its name, who may call it, and what happens then. A new method is a
// value of this type in a file of its own, and a line in `ControlMethod+All.swift`.

/// What a method works with.
package struct ControlContext: Sendable {
  package let source: any ControlSource
  package let info: ServiceInfo
  package let followers: Followers
}

/// What came of a call.
enum MethodStart {
  /// It is answered: the reply's text.
  case reply([UInt8])
  /// It is answered piece by piece, as the caller reads.
  case stream(ReplyStream)
  /// It is answered later, from wherever.
  case deferred(DeferredCall)
}

/// Replies that are made one at a time, each when there is room for it.
struct ReplyStream {
  struct Piece {
    /// Nil where there was nothing to say, but there may be later.
    var text: [UInt8]?
    /// Nil after the last piece.
    var next: ReportCursor?
    /// There is nothing more for now: do not ask again before the bell has rung.
    var waits = false
  }

  /// What the first piece is asked with.
  var first = ReportCursor.start
  /// Held by a stream whose pieces may wait.
  var place: Followers.Place?
  var pull: (ReportCursor) throws(CallFailure) -> Piece
}

/// Work that ends with a reply later. `start` hands it to the daemon; the reply's text comes to
/// the closure, once, on any thread.
package struct DeferredCall {
  package let start: (@escaping @Sendable ([UInt8]) -> Void) -> Void
}

/// How the daemon says that an order is done.
package typealias Completion<Answer> = @Sendable (Result<Answer, ControlError>) -> Void

package struct ControlMethod: Sendable {
  /// The interface's name, a dot, the method's.
  let name: String
  /// Whether anybody may call it who can connect.
  let isForEverybody: Bool
  let begin: @Sendable (CallMessage, ControlContext) throws(CallFailure) -> MethodStart
}

extension ControlMethod {
  /// A method that is answered at once.
  static func immediate<Parameters: Decodable & Sendable, Answer: Encodable & Sendable>(
    _ name: String, isForEverybody: Bool = false, takes: Parameters.Type,
    _ answer: @escaping @Sendable (Parameters, ControlContext) throws(CallFailure) -> Answer
  ) -> ControlMethod {
    ControlMethod(name: name, isForEverybody: isForEverybody) {
      (call, context) throws(CallFailure) in
      .reply(ReplyMessage.text(try answer(call.parameters(takes), context)))
    }
  }

  /// A method that is answered in pieces; the caller has to take more than one reply. `page`
  /// returns the piece from a cursor on, nil for nothing, and the next cursor.
  static func streamed<Parameters: Decodable & Sendable, Answer: Encodable & Sendable>(
    _ name: String, takes: Parameters.Type,
    _ page:
      @escaping @Sendable (Parameters, ReportCursor, ControlContext) throws(CallFailure)
      -> (answer: Answer, isEmpty: Bool, next: ReportCursor?)
  ) -> ControlMethod {
    ControlMethod(name: name, isForEverybody: false) { (call, context) throws(CallFailure) in
      let parameters = try call.parameters(takes)
      guard call.takesMore else { throw .service(.expectedMore) }
      return .stream(
        ReplyStream { (cursor) throws(CallFailure) in
          let (answer, isEmpty, next) = try page(parameters, cursor, context)
          // The last reply has to come, even if it is empty: it ends the call.
          let isSilent = isEmpty && next != nil
          let text = isSilent ? nil : ReplyMessage.text(answer, continues: next != nil)
          return ReplyStream.Piece(text: text, next: next)
        })
    }
  }

  /// A method that the daemon answers in its own time.
  static func deferred<Parameters: Decodable & Sendable, Answer: Encodable & Sendable>(
    _ name: String, takes: Parameters.Type,
    _ start:
      @escaping @Sendable (
        Parameters, ControlContext, @escaping @Sendable (Result<Answer, ControlError>) -> Void
      ) -> Void
  ) -> ControlMethod {
    ControlMethod(name: name, isForEverybody: false) { (call, context) throws(CallFailure) in
      let parameters = try call.parameters(takes)
      return .deferred(
        DeferredCall { finish in
          start(parameters, context) { result in
            switch result {
            case .success(let answer): finish(ReplyMessage.text(answer))
            case .failure(let error): finish(CallFailure.control(error).replyText)
            }
          }
        })
    }
  }
}

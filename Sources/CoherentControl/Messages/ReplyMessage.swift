// One reply as it comes over the socket: parameters, or an error by name; `continues` if more
// replies to the same call follow.

package struct ReplyMessage: Sendable {
  package let error: String?
  package let continues: Bool
  private let text: [UInt8]

  /// Nil if the text is no reply.
  package init?(_ text: [UInt8]) {
    guard let head = try? JSONCoding.decode(Head.self, from: text) else { return nil }
    error = head.error
    continues = head.continues ?? false
    self.text = text
  }

  /// The parameters, or the error that stands in their place. Nil if the parameters are not what
  /// the method's replies have.
  package func parameters<Parameters: Decodable>(
    _: Parameters.Type
  ) throws(CallFailure) -> Parameters? {
    if let error { throw CallFailure(name: error, replyText: text) }
    return try? JSONCoding.decode(Body<Parameters>.self, from: text).parameters
  }

  /// The text of a reply, without its NUL.
  package static func text(_ parameters: some Encodable, continues: Bool = false) -> [UInt8] {
    JSONCoding.encode(Body(parameters: parameters, continues: continues ? true : nil))
  }

  private struct Head: Decodable {
    var error: String?
    var continues: Bool?
  }

  fileprivate struct Body<Parameters> {
    var parameters: Parameters
    var continues: Bool?

    enum CodingKeys: CodingKey { case parameters, continues }
  }
}

extension ReplyMessage.Body: Encodable where Parameters: Encodable {}
extension ReplyMessage.Body: Decodable where Parameters: Decodable {}

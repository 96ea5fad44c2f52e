// One call as it comes over the socket. The head is read first; the parameters only once the method
// is known, as the type that the method wants.

package struct CallMessage: Sendable {
  package let method: String
  /// The caller takes several replies.
  package let takesMore: Bool
  /// The caller wants no reply, not even an error.
  package let isOneWay: Bool
  /// The caller wants to leave the protocol after the reply. Nothing here does that.
  package let upgrades: Bool
  private let text: [UInt8]
  /// A member that no call has. Misspelt parameters that were passed over would make a narrow order
  /// a wide one.
  private let stranger: String?

  /// Nil if the text is no call at all: no JSON, no object, no method, flags that contradict
  /// each other. There is nothing to answer to then.
  package init?(_ text: [UInt8]) {
    guard let head = try? JSONCoding.decode(Head.self, from: text) else { return nil }
    method = head.method
    takesMore = head.more ?? false
    isOneWay = head.oneway ?? false
    upgrades = head.upgrade ?? false
    self.text = text
    stranger = head.stranger
    if isOneWay && (takesMore || upgrades) { return nil }
  }

  /// The parameters as the method's type; missing ones count as an empty object.
  package func parameters<Parameters: Decodable>(
    _: Parameters.Type
  ) throws(CallFailure) -> Parameters {
    if let stranger { throw .service(.invalidParameter(stranger)) }
    do {
      let body = try JSONCoding.decode(Body<Parameters>.self, from: text)
      if let parameters = body.parameters { return parameters }
      return try JSONCoding.decode(Parameters.self, from: Array("{}".utf8))
    } catch let error as DecodingError {
      throw .service(.invalidParameter(Self.culprit(error)))
    } catch {
      throw .service(.invalidParameter("parameters"))
    }
  }

  /// The text of a call, without its NUL.
  package static func text(
    method: String, parameters: some Encodable, takesMore: Bool
  ) -> [UInt8] {
    JSONCoding.encode(
      Outgoing(method: method, parameters: parameters, more: takesMore ? true : nil))
  }

  /// The name of the parameter that an error speaks of.
  private static func culprit(_ error: DecodingError) -> String {
    let path: [any CodingKey]
    switch error {
    case .keyNotFound(let key, let context): path = context.codingPath + [key]
    case .valueNotFound(_, let context), .typeMismatch(_, let context),
      .dataCorrupted(let context):
      path = context.codingPath
    @unknown default: path = []
    }
    let names = path.map(\.stringValue)
    if names.first == "parameters", names.count > 1 { return names[1] }
    return names.first ?? "parameters"
  }

  private struct Head: Decodable {
    var method: String
    var more: Bool?
    var oneway: Bool?
    var upgrade: Bool?
    var stranger: String?

    private enum CodingKeys: String, CodingKey, CaseIterable {
      case method, parameters, more, oneway, upgrade
    }

    init(from decoder: any Decoder) throws {
      let members = try decoder.container(keyedBy: CodingKeys.self)
      method = try members.decode(String.self, forKey: .method)
      more = try members.decodeIfPresent(Bool.self, forKey: .more)
      oneway = try members.decodeIfPresent(Bool.self, forKey: .oneway)
      upgrade = try members.decodeIfPresent(Bool.self, forKey: .upgrade)
      let known = Set(CodingKeys.allCases.map(\.stringValue))
      stranger = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        .first { !known.contains($0) }
    }
  }

  private struct Body<Parameters: Decodable>: Decodable {
    var parameters: Parameters?
  }

  private struct Outgoing<Parameters: Encodable>: Encodable {
    var method: String
    var parameters: Parameters
    var more: Bool?
  }
}

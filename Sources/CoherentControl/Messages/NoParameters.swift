// The parameters of a method that takes none. Any key at all is one too many.

package struct NoParameters: Codable, Equatable, Sendable {
  package init() {}

  package init(from decoder: any Decoder) throws {
    _ = try decoder.parameters(NoKey.self)
  }

  package func encode(to encoder: any Encoder) throws {
    _ = encoder.container(keyedBy: AnyKey.self)
  }

  /// A set of keys without a member.
  private struct NoKey: CodingKey, CaseIterable {
    static let allCases: [NoKey] = []
    let stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { nil }
    init?(intValue: Int) { nil }
  }
}

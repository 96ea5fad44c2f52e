// Parameters may have no key that the method does not know. A misspelt `session` that was passed
// over would make a narrow order a wide one.

/// A key of any name.
struct AnyKey: CodingKey {
  let stringValue: String
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
  var intValue: Int? { nil }
}

extension Decoder {
  /// Throws, naming the key, if the object has one that `Keys` lacks.
  func refuseUnknownKeys<Keys: CodingKey & CaseIterable>(_: Keys.Type) throws {
    let known = Set(Keys.allCases.map(\.stringValue))
    let container = try container(keyedBy: AnyKey.self)
    if let stranger = container.allKeys.first(where: { !known.contains($0.stringValue) }) {
      throw DecodingError.dataCorruptedError(
        forKey: stranger, in: container, debugDescription: "no such parameter")
    }
  }
}

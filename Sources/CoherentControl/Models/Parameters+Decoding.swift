// How parameters are read, more strictly than other models: no key that the method does not know,
// and every error says which parameter it is about. A misspelt `session` that was passed over
// would make a narrow order a wide one.

/// A key of any name.
struct AnyKey: CodingKey {
  let stringValue: String
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
  var intValue: Int? { nil }
}

extension Decoder {
  /// The object's members. Throws, naming the key, if it has one that `Keys` lacks.
  func parameters<Keys: CodingKey & CaseIterable>(
    _ keys: Keys.Type
  ) throws -> KeyedDecodingContainer<Keys> {
    let known = Set(Keys.allCases.map(\.stringValue))
    let anything = try container(keyedBy: AnyKey.self)
    if let stranger = anything.allKeys.first(where: { !known.contains($0.stringValue) }) {
      throw DecodingError.dataCorruptedError(
        forKey: stranger, in: anything, debugDescription: "no such parameter")
    }
    return try container(keyedBy: keys)
  }
}

extension KeyedDecodingContainer {
  /// A parameter that has to be there.
  func required<Value: Decodable>(_ key: Key) throws -> Value {
    try naming(key) { try decode(Value.self, forKey: key) }
  }

  /// A parameter that may be missing or null.
  func optional<Value: Decodable>(_ key: Key) throws -> Value? {
    try naming(key) { try decodeIfPresent(Value.self, forKey: key) }
  }

  /// A number that does not fit is an error of Foundation's own, without a path; it gets one.
  private func naming<Value>(_ key: Key, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as DecodingError {
      throw error
    } catch {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: self, debugDescription: "\(error)")
    }
  }
}

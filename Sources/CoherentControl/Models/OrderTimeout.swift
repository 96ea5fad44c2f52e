// The bound on every order that moves data. An order without a bound does not exist: what is left
// out is the default, what is above the maximum is refused.

package enum OrderTimeout {
  package static let defaultMilliseconds: UInt32 = 10_000
  package static let maximumMilliseconds: UInt32 = 600_000

  /// The field `key`; the default where it is missing or null.
  static func decode<Key: CodingKey>(
    _ container: KeyedDecodingContainer<Key>, _ key: Key,
    default defaultMilliseconds: UInt32 = Self.defaultMilliseconds
  ) throws -> UInt32 {
    guard let given: UInt32 = try container.optional(key) else { return defaultMilliseconds }
    guard given <= maximumMilliseconds else {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: container,
        debugDescription: "a timeout is at most \(maximumMilliseconds) ms")
    }
    return given
  }
}

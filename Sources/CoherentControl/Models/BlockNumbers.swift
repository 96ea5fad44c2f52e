// The list of blocks that an order names: at least one, each once, in ascending order. What comes
// from outside is bounded here, so that nobody behind it has to.

enum BlockNumbers {
  /// More than any region has.
  static let maximumCount = 65_536

  /// The parameter `key`, sorted and without repetitions. Throws, naming it, if it names no block,
  /// too many, or one that no region could have.
  static func decode<Key: CodingKey>(
    _ container: KeyedDecodingContainer<Key>, _ key: Key
  ) throws -> [Int]? {
    guard let given: [Int] = try container.optional(key) else { return nil }
    let valid = 0..<maximumCount
    guard !given.isEmpty, given.count <= maximumCount, given.allSatisfy(valid.contains) else {
      throw DecodingError.dataCorruptedError(
        forKey: key, in: container, debugDescription: "1 to \(maximumCount) numbers of blocks")
    }
    return Set(given).sorted()
  }
}

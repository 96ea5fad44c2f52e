// JSON in and out, by FoundationEssentials; no other file of the product imports it. Text from
// outside is looked at for its depth first, so that no nesting can exhaust a thread's stack.
import FoundationEssentials

package enum JSONCoding {
  /// Deeper text is refused. The interface's deepest message has four levels.
  static let maximumDepth = 32

  /// Compact text with sorted keys.
  package static func encode(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(value))
    } catch {
      // Only a number that is no number, or a type that breaks Encodable's rules, gets here.
      fatalError("a message of the interface cannot be encoded: \(error)")
    }
  }

  /// The value that the text stands for. Throws `DecodingError`.
  package static func decode<Value: Decodable>(
    _ type: Value.Type, from text: [UInt8]
  ) throws -> Value {
    guard depth(of: text) <= maximumDepth else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: [], debugDescription: "nested deeper than \(maximumDepth) levels"))
    }
    return try JSONDecoder().decode(type, from: Data(text))
  }

  /// How deep brackets outside strings nest. Of text that is no JSON, some upper bound.
  static func depth(of text: [UInt8]) -> Int {
    var depth = 0
    var deepest = 0
    var strings = JSONStrings()
    for byte in text where !strings.contains(byte) {
      switch byte {
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        deepest = max(deepest, depth)
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: break
      }
    }
    return deepest
  }
}

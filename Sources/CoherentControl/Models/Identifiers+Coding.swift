// How the protocol's names of things look in JSON. A session is a number. An allocation is a
// decimal string, because its 64 bits do not survive a reader that keeps numbers as doubles; a
// number is accepted as well. A target of a migration is a word.
import CoherentWire

extension SessionID: Codable {
  package init(from decoder: any Decoder) throws {
    self.init(rawValue: try decoder.singleValueContainer().decode(UInt32.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}

extension HandleID: Codable {
  /// The handle that a decimal number names; nil for everything else, a sign and spaces included.
  package init?(decimal text: String) {
    guard text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let value = UInt64(text) else {
      return nil
    }
    self.init(rawValue: value)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(UInt64.self) {
      self.init(rawValue: number)
      return
    }
    guard let handle = HandleID(decimal: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "an allocation is a decimal number")
    }
    self = handle
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(String(rawValue))
  }
}

extension MigrationTarget: Codable {
  /// The word for it, in the interface and on the command line.
  package var word: String {
    switch self {
    case .device: "device"
    case .host: "host"
    }
  }

  package init?(word: String) {
    guard let target = Self.allCases.first(where: { $0.word == word }) else { return nil }
    self = target
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let target = MigrationTarget(word: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a target is device or host")
    }
    self = target
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(word)
  }
}

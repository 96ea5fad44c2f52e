// What `OfflineBlocks` and `PlanOffline` are asked about: which blocks, and how long going offline
// may take. After that the daemon puts back online what is not offline.

package struct OfflineOrder: Equatable, Sendable {
  package static let defaultTimeoutMilliseconds: UInt32 = 60_000

  package var blocks: [Int]
  package var timeoutMilliseconds: UInt32

  package init(
    blocks: [Int], timeoutMilliseconds: UInt32 = Self.defaultTimeoutMilliseconds
  ) {
    self.blocks = blocks
    self.timeoutMilliseconds = timeoutMilliseconds
  }
}

extension OfflineOrder: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case blocks
    case timeoutMilliseconds = "timeout_ms"
  }

  package init(from decoder: any Decoder) throws {
    let parameters = try decoder.parameters(CodingKeys.self)
    guard let blocks = try BlockNumbers.decode(parameters, .blocks) else {
      throw DecodingError.keyNotFound(
        CodingKeys.blocks, .init(codingPath: decoder.codingPath, debugDescription: "which blocks"))
    }
    self.blocks = blocks
    timeoutMilliseconds = try OrderTimeout.decode(
      parameters, .timeoutMilliseconds, default: Self.defaultTimeoutMilliseconds)
  }
}

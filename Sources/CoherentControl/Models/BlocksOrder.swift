// What `OnlineBlocks` and `RemoveBlocks` are asked about: which blocks.

package struct BlocksOrder: Equatable, Sendable {
  package var blocks: [Int]

  package init(blocks: [Int]) { self.blocks = blocks }
}

extension BlocksOrder: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case blocks }

  package init(from decoder: any Decoder) throws {
    let parameters = try decoder.parameters(CodingKeys.self)
    guard let blocks = try BlockNumbers.decode(parameters, .blocks) else {
      throw DecodingError.keyNotFound(
        CodingKeys.blocks, .init(codingPath: decoder.codingPath, debugDescription: "which blocks"))
    }
    self.blocks = blocks
  }
}

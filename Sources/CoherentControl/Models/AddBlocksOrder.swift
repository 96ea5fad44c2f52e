// What `AddBlocks` is asked to do: make known blocks with these numbers, or so many with the first
// numbers that are free. They are offline then.

package struct AddBlocksOrder: Equatable, Sendable {
  /// Exactly one of the two is there.
  package var blocks: [Int]?
  package var count: Int?
  /// The NUMA node that they are bound to; nil: that of the configuration.
  package var node: Int?

  package init(blocks: [Int]? = nil, count: Int? = nil, node: Int? = nil) {
    self.blocks = blocks
    self.count = count
    self.node = node
  }
}

extension AddBlocksOrder: Codable {
  enum CodingKeys: String, CodingKey, CaseIterable { case blocks, count, node }

  package init(from decoder: any Decoder) throws {
    let parameters = try decoder.parameters(CodingKeys.self)
    blocks = try BlockNumbers.decode(parameters, .blocks)
    count = try parameters.optional(.count)
    node = try parameters.optional(.node)
    guard (blocks == nil) != (count == nil), 1...BlockNumbers.maximumCount ~= count ?? 1 else {
      throw DecodingError.dataCorruptedError(
        forKey: .count, in: parameters, debugDescription: "either blocks or a count of them")
    }
    guard 0...Int(Int32.max) ~= node ?? 0 else {
      throw DecodingError.dataCorruptedError(
        forKey: .node, in: parameters, debugDescription: "no machine has such a node")
    }
  }
}
